"""From bytes to characters: who is believed about a charset, and what is refused."""

from __future__ import annotations

import array
import codecs
import random
import zlib
from contextlib import suppress
from encodings.aliases import aliases

import pytest
import webencodings
from hypothesis import example, given, settings
from hypothesis import strategies as st
from webencodings.labels import LABELS

from declutter import InputError, Options, analyze
from declutter.readers.encoding import decode
from tests.conftest import FIXTURES

TEXTS = {
    "windows-1251": (
        "Городской совет в понедельник объявил, что старый мост через реку откроют осенью. "
        "Ремонт длился два года и стоил дороже, чем ожидалось. Жители соседних улиц говорят, "
        "что дорога до школы теперь занимает десять минут, а не сорок."
    ),
    "gb18030": (
        "市政府星期一宣布，横跨河流的老桥将于今年秋天重新开放。维修工程历时两年，费用超出预期。"
        "附近居民表示，现在去学校只需要十分钟，而不是四十分钟。工程师检查了所有桥墩，认为桥梁是安全的。"
    ),
    "shift_jis": (
        "市は月曜日、川にかかる古い橋を秋に再開すると発表した。修理には二年かかり、費用は予想を上回った。"
        "近くに住む人たちは、学校までの道のりが四十分から十分になったと話している。"
    ),
    "euc-kr": (
        "시 정부는 월요일 강을 가로지르는 오래된 다리를 가을에 다시 연다고 발표했다. 수리는 "
        "이 년이 걸렸고 비용은 예상보다 많았다. 근처 주민들은 이제 학교까지 "
        "십 분이면 간다고 말했다."
    ),
    "iso-8859-7": (
        "Ο δήμος ανακοίνωσε τη Δευτέρα ότι η παλιά γέφυρα πάνω από το ποτάμι θα ανοίξει ξανά το "
        "φθινόπωρο. Οι εργασίες κράτησαν δύο χρόνια και κόστισαν περισσότερο από όσο "
        "περίμεναν όλοι. Οι κάτοικοι λένε ότι ο δρόμος για το σχολείο είναι τώρα πολύ πιο "
        "σύντομος. Η γέφυρα είχε "
        "κλείσει μετά την πλημμύρα του χειμώνα και από τότε τα λεωφορεία έκαναν μεγάλο κύκλο. "
        "Ο μηχανικός που ανέλαβε το έργο είπε ότι οι πέτρες της παλιάς γέφυρας καθαρίστηκαν μία "
        "μία. Το πρώτο λεωφορείο θα περάσει την επόμενη Κυριακή και η είσοδος θα είναι ελεύθερη."
    ),
}
# two sentences, and charsets in which the page declares nothing
SHORT = [
    ("Совет отремонтирует старый мост. Работы начнутся весной.", "cp1251 koi8-r iso8859-5 cp866"),
    ("Міська рада повідомила: старий міст через річку відкриють восени.", "cp1251 koi8-u"),
    ("川の橋が月曜日に開いた。学校まで十分です。", "euc_jp cp932 iso2022_jp"),
    ("オンラインショップのお知らせ", "iso2022_jp"),
    ("老桥周一重新开放。现在去学校只要十分钟。", "gb18030"),
    ("老橋週一重新開放。現在去學校只要十分鐘。", "big5hkscs"),
    ("오래된 다리가 월요일에 다시 열렸다. 학교까지 십 분이 걸린다.", "iso2022_kr"),
    ("Η παλιά γέφυρα άνοιξε ξανά τη Δευτέρα και είναι πολύ όμορφη.", "cp1253 iso8859-7"),
    ("העירייה הודיעה ביום שני כי הגשר הישן ייפתח מחדש בסתיו.", "cp1255"),
    ("أعلنت البلدية أن الجسر القديم فوق النهر سيفتح من جديد في الخريف.", "cp1256 iso8859-6"),
    ("สะพานเก่าข้ามแม่น้ำจะเปิดอีกครั้งในฤดูใบไม้ร่วงนี้", "cp874"),
    ("Starý most přes řeku bude znovu otevřen na podzim. Oprava trvala dva roky.", "cp1250"),
    ("Stary most nad rzeką został otwarty w poniedziałek, dwa lata później.", "cp1250 iso8859-2"),
    ("Eski köprü sonbaharda yeniden açılacak. Onarım iki yıl sürdü, çok pahalıydı.", "cp1254"),
    ("Senasis tiltas per upę bus vėl atidarytas rudenį. Remontas truko dvejus metus.", "cp1257"),
    ("Die alte Brücke über den Fluss wird im Herbst wieder geöffnet.", "cp1252"),
    ("The “old” bridge – it’s closed – reopened on Monday.", "cp1252"),
]
DECLARABLE = [
    *TEXTS.values(),
    *(text for text, _ in SHORT),
    "Ċ ħ Ġ ż",
    "ā ķ ņ ŋ ŧ",
    "Ŵ ŷ Ḃ",
    "Việt Nam ở đâu",
    "ţ ș ț",
]
LATIN = "The old bridge over the river reopened on Monday, two years after the flood. "
MIXED = "Grüße – мир, 橋"


def page(text: str, charset: str | None) -> str:
    meta = f'<meta charset="{charset}">' if charset else ""
    paragraphs = f"<p class='lead'>{text}</p>\n" * 3
    return f"<!doctype html><html><head>{meta}<title>News</title></head><body>{paragraphs}</body>"


@pytest.mark.parametrize(
    ("bom", "charset"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
    ids=["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"],
)
def test_a_byte_order_mark_decides_and_is_no_text(bom: bytes, charset: str) -> None:
    decoded = decode(bom + MIXED.encode(charset), "shift_jis")
    assert (decoded.text, decoded.encoding) == (MIXED, charset)


@pytest.mark.parametrize("charset", [*TEXTS, "utf-8", "utf-16-le", "utf-16-be"])
def test_the_callers_charset_is_used(charset: str) -> None:
    text = TEXTS.get(charset, TEXTS["windows-1251"])
    assert decode(text.encode(charset), charset).text == text


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("iso-8859-1", b"\x93quoted\x94 \x80 5", "“quoted” € 5"),
        ("us-ascii", b"caf\xe9", "café"),
        ("gb2312", "镕".encode("gb18030"), "镕"),
        ("Shift_JIS", "①".encode("cp932"), "①"),
        ("euc-kr", "똠".encode("cp949"), "똠"),
    ],
)
def test_a_label_means_the_superset_that_browsers_read(label: str, data: bytes, text: str) -> None:
    assert decode(data, label).text == text


def browser_codec(label: str) -> str:
    """Python's charset for a label; browsers read none of those that they call replacement."""
    found = webencodings.lookup(label)
    assert found is not None
    name = {"x-user-defined": "cp1252", "gbk": "gb18030"}.get(found.name, found.codec_info.name)
    return codecs.lookup(label).name if name == "replacement" else name


def in_python(label: str) -> bool:
    with suppress(LookupError):
        return bool(codecs.lookup(browser_codec(label)))
    return False


READABLE = [label for label in LABELS if in_python(label)]
NARROW = [label for label in READABLE if not browser_codec(label).startswith("utf-16")]


def encodable(text: str, codec: str) -> bool:
    with suppress(UnicodeError):
        return not text.isascii() and text.encode(codec).decode(codec) == text
    return False


@pytest.mark.parametrize("label", READABLE)
def test_every_label_of_the_encoding_standard_is_known(label: str) -> None:
    codec = browser_codec(label)
    text = next(text for text in DECLARABLE if encodable(text, codec))
    data = page(text, label).encode(codec)
    assert decode(data).text == page(text, label)
    assert decode(text.encode(codec), f" {label.upper()}\n").text == text
    assert Options(encoding=label).encoding == label


@settings(deadline=None)
@given(st.sampled_from(NARROW), st.binary(max_size=200))
def test_a_page_that_declares_its_label_is_decoded_with_it(label: str, data: bytes) -> None:
    codec = browser_codec(label)
    text = "".join(char for char in data.decode(codec, "ignore") if char.isprintable())
    source = page(text, label)
    if encodable(source, codec):
        assert decode(source.encode(codec)).text == source


@pytest.mark.parametrize("label", ["latin-1", "euc_kr", "utf_8", "cp437", "mac-latin2"])
def test_pythons_own_names_are_known(label: str) -> None:
    text = next(text for text in DECLARABLE if encodable(text, label))
    assert decode(text.encode(label), label).text == text


def test_vendors_characters_in_euc_jp_are_read() -> None:
    data = "<meta charset=euc-jp><p>第①回㈱".encode("euc_jis_2004")
    assert decode(data).text.endswith("第①回㈱")


def test_the_callers_charset_beats_the_declared_one() -> None:
    source = page(TEXTS["windows-1251"], "koi8-r")
    assert decode(source.encode("cp1251"), "windows-1251").text == source


@pytest.mark.parametrize("label", ["klingon", "utf-8", "hex", "\0", "é"])
def test_a_callers_charset_that_fails_yields_with_a_warning(label: str) -> None:
    source = page(TEXTS["windows-1251"], "windows-1251")
    decoded = decode(source.encode("cp1251"), label)
    assert decoded.text == source
    assert repr(label) in decoded.warnings[0]


@pytest.mark.parametrize(
    "head",
    [
        '<meta charset="windows-1251">',
        "<META CHARSET=windows-1251>",
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
    ids=["meta", "upper-case", "http-equiv", "xml"],
)
def test_a_declared_charset_is_found(head: str) -> None:
    source = f"{head}<p>Да</p>"
    assert decode(source.encode("cp1251")).text == source


def test_a_declared_charset_that_decodes_wins_and_the_disagreement_is_told() -> None:
    decoded = decode(page("café", "iso-8859-1").encode("utf-8"))
    assert "cafÃ©" in decoded.text
    assert any("valid utf-8" in warning for warning in decoded.warnings)


def test_agreement_gives_no_warning() -> None:
    assert decode(page("café", "utf-8").encode("utf-8")).warnings == ()


@pytest.mark.parametrize("charset", TEXTS)
def test_a_declared_charset_that_fails_yields_to_detection(charset: str) -> None:
    source = page(TEXTS[charset], "utf-8")
    decoded = decode(source.encode(charset))
    assert decoded.text == source
    assert "utf-8" in decoded.warnings[0]


@pytest.mark.parametrize("charset", TEXTS)
def test_without_a_declaration_the_charset_is_detected(charset: str) -> None:
    source = page(TEXTS[charset], None)
    assert decode(source.encode(charset)).text == source


@pytest.mark.parametrize(
    ("text", "charset"),
    [(text, charset) for text, charsets in SHORT for charset in charsets.split()],
)
def test_two_sentences_without_a_declaration_are_enough(text: str, charset: str) -> None:
    source = f"<html><title>{text[:20]}</title><p>{text}</p>"
    assert decode(source.encode(charset)).text == source


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Реклама", "mac-cyrillic"),
        ("Погода", "iso8859-5"),
        ("社会", "euc_jp"),
        ("广告", "gb18030"),
        ("Yazdır", "cp1254"),
        ("Wyślij", "cp1250"),
        ("café", "cp1252"),
        ("\x01\x02ÿþ", "latin-1"),
    ],
)
def test_a_guess_from_few_signs_is_told_with_the_way_out(text: str, charset: str) -> None:
    decoded = decode(f"<p>{text}</p>".encode(charset))
    assert any("guessed" in told and "option encoding" in told for told in decoded.warnings)
    assert decode(text.encode(charset), charset).text


@pytest.mark.parametrize("charset", TEXTS)
@pytest.mark.parametrize("broken", [b"\x81", b"\x9d", b"\xff"])
def test_a_broken_byte_does_not_mislead_detection(charset: str, broken: bytes) -> None:
    lines = [line.encode(charset) for line in page(TEXTS[charset], None).splitlines()]
    cut = lines[1].index(b">") + 1
    broken_line = lines[1][:cut] + broken + lines[1][cut:]
    decoded = decode(b"\n".join([lines[0], broken_line, *lines[2:]]))
    assert decoded.text.count(TEXTS[charset]) >= 2


def test_broken_utf_8_without_a_declaration_is_read_and_told() -> None:
    decoded = decode(page(TEXTS["windows-1251"], None).encode() + b"\xd0")
    assert TEXTS["windows-1251"] in decoded.text
    assert decoded.warnings == ("some bytes are not valid utf-8",)


@pytest.mark.parametrize("charset", ["windows-1251", "gb18030", "shift_jis", "euc-kr", "euc_jp"])
def test_a_clear_case_is_not_called_a_guess(charset: str) -> None:
    text = TEXTS.get(charset, TEXTS["shift_jis"])
    assert decode(page(text, None).encode(charset)).warnings == ()


@pytest.mark.parametrize("label", [None, "utf-8", "windows-1252"])
def test_escape_sequences_outweigh_what_is_said(label: str | None) -> None:
    source = page("日本の天気", label)
    declared, given = decode(source.encode("iso2022_jp")), decode("橋".encode("iso2022_jp"), label)
    assert (declared.text, given.text) == (source, "橋")
    assert bool(declared.warnings) == bool(given.warnings) == (label is not None)


WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
WIDE_TEXTS = [
    LATIN,
    MIXED,
    "Łódź: ścieżka",
    "ł" * 20,
    "पुराना पुल सोमवार को फिर से खुल गया।",
    "สะพานเก่าข้ามแม่น้ำจะเปิดอีกครั้งในฤดูใบไม้ร่วงนี้",
    *(text for text, _ in SHORT if text.endswith((".", "。"))),
]


@pytest.mark.parametrize("charset", WIDE)
@pytest.mark.parametrize("text", WIDE_TEXTS)
def test_utf_16_without_a_byte_order_mark_is_detected(charset: str, text: str) -> None:
    for source in (f"{text}\n", f"<p>{text}</p>", page(text, None), page(text, "utf-16")):
        decoded = decode(source.encode(charset))
        assert (decoded.text, decoded.encoding) == (source, charset)


@pytest.mark.parametrize("charset", WIDE)
def test_utf_16_with_many_scripts_between_tags_is_no_binary_data(charset: str) -> None:
    source = page("English | Русский | 日本語 | Ελληνικά | العربية | עברית | ไทย | 한국어", None)
    assert decode(source.encode(charset)).text == source


def test_utf_16_that_was_called_utf_8_is_read_and_told() -> None:
    decoded = decode(LATIN.encode("utf-16-le"), "utf-8")
    assert decoded.text == LATIN
    assert "'utf-8'" in decoded.warnings[0]


def test_a_few_broken_bytes_do_not_change_the_charset() -> None:
    data = page(TEXTS["windows-1251"], "utf-8").encode("utf-8").replace(b"</body>", b"\xd0</body>")
    decoded = decode(data)
    assert TEXTS["windows-1251"] in decoded.text
    assert decoded.warnings == ("some bytes are not valid utf-8",)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5"])
def test_the_declared_charset_does_not_change_the_result(charset: str) -> None:
    source = page(TEXTS["windows-1251"], charset)
    assert analyze(source.encode(charset)).text == analyze(source).text


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"PK\x03\x04\x14\x00", "zip"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x7fELF\x02\x01", "program"),
        (bytes(500), "binary"),
        (bytes(range(1, 9)) * 50, "binary"),
    ],
    ids=["pdf", "png", "jpeg", "zip", "gzip", "program", "zeros", "control"],
)
def test_binary_data_is_refused_by_name(data: bytes, what: str) -> None:
    with pytest.raises(InputError, match=what):
        decode(data)


def binaries() -> list[bytes]:
    chance = random.Random(7)
    samples = array.array("h", (int(chance.gauss(0, 300)) for _ in range(500)))
    small = array.array("i", (chance.randrange(200) for _ in range(500)))
    strings = b"\x01\x00\x04TZDB\x00\x01" + b"".join(
        bytes([len(name)]) + name + b"\0" for name in (b"Africa/Abidjan", b"Asia/Tokyo") * 30
    )
    return [
        *(chance.randbytes(size) for size in range(200, 3000, 100)),
        zlib.compress(chance.randbytes(300)),
        samples.tobytes(),
        small.tobytes(),
        array.array("d", (chance.random() for _ in range(300))).tobytes(),
        strings,
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + bytes(40),
        b"\0\0\0",
    ]


@pytest.mark.parametrize("data", binaries(), ids=lambda data: f"{data[:4].hex()}-{len(data)}")
def test_binary_data_without_a_known_mark_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="binary"):
        decode(data)


def test_a_stray_nul_byte_is_not_binary() -> None:
    data = (LATIN + "\0" + LATIN).encode()
    assert decode(data).text == data.decode()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(lambda t: t[:1] != "\ufeff"))
def test_utf_8_comes_back_unchanged(text: str) -> None:
    assert decode(text.encode("utf-8")).text == text


@settings(deadline=None)  # the detector loads at its first use
@example("é".encode(), "idna")
@example("é".encode(), "undefined")
@given(st.binary(max_size=300), st.sampled_from(sorted({*aliases.values()})))
def test_any_bytes_with_any_label_are_decoded_or_refused(data: bytes, label: str) -> None:
    for source, caller in ((data, label), (f'<meta charset="{label}">'.encode() + data, None)):
        with suppress(InputError):
            assert isinstance(decode(source, caller).text, str)


def test_a_declared_charset_of_another_script_wins_with_a_warning() -> None:
    russian = "Совет города сообщил в понедельник, что отремонтирует старый мост через реку. " * 5
    page = f'<meta charset="windows-1252"><p>{russian}</p>'
    decoded = decode(page.encode("cp1251", "replace"))
    assert decoded.encoding == "cp1252"
    assert any("look like" in warning for warning in decoded.warnings)


def test_a_right_charset_gives_no_warning() -> None:
    page = '<meta charset="windows-1252"><p>' + "Das Café öffnete am Montag für Gäste. " * 5
    assert decode(page.encode("cp1252")).warnings == ()


@pytest.mark.parametrize("language", ["de", "fr", "es", "it", "pt", "sv"])
def test_western_pages_without_a_charset_are_read_as_cp1252(language: str) -> None:
    text = (FIXTURES / "articles" / f"{language}.txt").read_text(encoding="utf-8")
    data = "".join(f"<p>{line}</p>" for line in text.splitlines()).encode("cp1252", "ignore")
    assert decode(data).text == data.decode("cp1252")


def test_polish_pages_without_a_charset_are_read_as_cp1250() -> None:
    text = (FIXTURES / "articles" / "pl.txt").read_text(encoding="utf-8")
    data = "".join(f"<p>{line}</p>" for line in text.splitlines()).encode("cp1250", "ignore")
    assert decode(data).text == data.decode("cp1250")
