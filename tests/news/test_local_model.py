"""The optional model: refused with what to do where it cannot run, used where it can."""

import importlib.util
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.news.local_model import NEEDED, LocalModel, sides_of
from tests.news.wire import ACME, Wire, desk_over, headline

ABSENT = [name for name in NEEDED if importlib.util.find_spec(name) is None]
TITLES = ("profit jumps", "profit falls", "meeting set")


@pytest.mark.skipif(not ABSENT, reason="torch and transformers are installed")
def test_without_the_libraries_the_operator_is_told_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"highwater\[model\]"):
        LocalModel(tmp_path)


@pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {', '.join(ABSENT)}")
def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"config\.json"):
        LocalModel(tmp_path)


@pytest.mark.parametrize(
    ("labels", "sides"),
    [
        ({0: "positive", 1: "negative", 2: "neutral"}, (1, -1, 0)),
        ({0: "Bearish", 1: "Neutral", 2: "Bullish"}, (-1, 0, 1)),
        ({0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}, (-1, 0, 1)),
        ({1: "POS", 0: "NEG"}, (-1, 1)),
    ],
)
def test_labels_tell_the_side(labels: dict[int, str], sides: tuple[int, ...]) -> None:
    assert sides_of(labels) == sides


def test_labels_without_a_side_are_refused() -> None:
    with pytest.raises(SettingsError, match="joy, anger"):
        sides_of({0: "joy", 1: "anger"})


@pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {', '.join(ABSENT)}")
async def test_a_tiny_model_reads_headlines_off_the_event_loop(tmp_path: Path) -> None:
    import tokenizers  # noqa: PLC0415
    import torch  # noqa: PLC0415
    import transformers  # noqa: PLC0415

    folder = tmp_path / "tiny"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *["profit", "jumps", "falls", "meeting", "set"]]
    vocabulary = {word: number for number, word in enumerate(words)}
    plain = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    plain.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=plain, unk_token="[UNK]", pad_token="[PAD]"
    ).save_pretrained(folder)
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        initializer_range=1.0,
        id2label={0: "negative", 1: "neutral", 2: "positive"},
        label2id={"negative": 0, "neutral": 1, "positive": 2},
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    wire = Wire(*(headline(title, hours=n + 1) for n, title in enumerate(TITLES)))
    async with desk_over(wire, tmp_path, LocalModel(folder)) as it:
        news = await it.desk.news(ACME)
    assert news.scorer == "model “tiny”"
    assert len({round(score, 6) for score in news.scores.values()}) == len(TITLES)
    assert all(-1 <= score <= 1 for score in news.scores.values())
