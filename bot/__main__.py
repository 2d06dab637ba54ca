"""The entry point, and nothing else: a drawing process imports the main module again when it
is spawned, and should not pay for the whole program."""


def main() -> None:
    from bot.cli import main as run  # noqa: PLC0415  see above

    run()


if __name__ == "__main__":
    main()
