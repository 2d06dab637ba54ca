"""Sentiment by a language model in a folder on this machine: nothing is downloaded.

Any sequence classifier of the `transformers` library will do whose labels say which side they
are on (positive, negative, neutral; bullish, bearish; or the LABEL_0…2 of three classes). The
library is heavy and optional (`highwater[model]`), so it is imported with the first headline, in
the one thread that the model lives in; the event loop never waits for it.
"""

import asyncio
import hashlib
import importlib.util
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bot.errors import SettingsError
from bot.market.model import Headline

BATCH = 16
LONGEST_TOKENS = 128
POSITIVE = ("positive", "pos", "bullish")
NEGATIVE = ("negative", "neg", "bearish")
NEEDED = ("torch", "transformers")


class LocalModel:
    """A classifier in `folder`. Raises SettingsError when it cannot be used here at all."""

    def __init__(self, folder: Path) -> None:
        absent = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if absent:
            raise SettingsError(
                f"HIGHWATER_SENTIMENT_MODEL needs {' and '.join(absent)}, which are not "
                "installed. Install highwater[model], or unset it: the rules read headlines too."
            )
        if not (folder / "config.json").is_file():
            raise SettingsError(
                f"HIGHWATER_SENTIMENT_MODEL: {folder} holds no config.json, so it is no model."
            )
        digest = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()[:8]
        self.name = f"model-{folder.name}-{digest}"
        self.label = f"model “{folder.name}”"
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sentiment-model")
        self._loaded: tuple[Any, Any] | None = None

    async def scores(
        self, headlines: Sequence[Headline], *, entity: str | None
    ) -> Mapping[str, float]:
        """P(positive) − P(negative) of each title; the model reads the title as a whole."""
        titles = [item.title for item in headlines]
        loop = asyncio.get_running_loop()
        values = await loop.run_in_executor(self._thread, self._read, titles)
        return {item.id: value for item, value in zip(headlines, values, strict=True)}

    def _read(self, titles: Sequence[str]) -> list[float]:
        import torch  # noqa: PLC0415  heavy and optional

        tokenizer, model = self._model()
        sides = sides_of(model.config.id2label)
        values: list[float] = []
        with torch.inference_mode():
            for start in range(0, len(titles), BATCH):
                inputs = tokenizer(
                    list(titles[start : start + BATCH]),
                    padding=True,
                    truncation=True,
                    max_length=LONGEST_TOKENS,
                    return_tensors="pt",
                )
                chances = torch.softmax(model(**inputs).logits, dim=-1).tolist()
                values += [
                    sum(side * chance for side, chance in zip(sides, row, strict=True))
                    for row in chances
                ]
        return [min(1.0, max(-1.0, value)) for value in values]

    def _model(self) -> tuple[Any, Any]:
        if self._loaded is None:
            import transformers  # noqa: PLC0415  heavy and optional

            options = {"local_files_only": True, "trust_remote_code": False}
            tokenizer = transformers.AutoTokenizer.from_pretrained(self._folder, **options)
            model = transformers.AutoModelForSequenceClassification.from_pretrained(
                self._folder, use_safetensors=True, **options
            )
            self._loaded = tokenizer, model.eval()
        return self._loaded


def sides_of(labels: Mapping[int, str]) -> tuple[int, ...]:
    """+1, 0 or −1 for each class. Raises SettingsError when the labels do not tell."""
    names = [str(labels[i]).lower() for i in sorted(labels)]
    if names == ["label_0", "label_1", "label_2"]:
        return (-1, 0, 1)
    sides = tuple(int(name in POSITIVE) - int(name in NEGATIVE) for name in names)
    if 1 not in sides or -1 not in sides:
        raise SettingsError(
            f"The sentiment model's labels are {', '.join(names)}; needed are positive and "
            "negative ones."
        )
    return sides
