#!/usr/bin/env python3
"""Prints what Python's own libraries make of values, for functions_truth_test.cpp to hold ours against.

make_truth.py KIND, where KIND is unicode, numbers, dates, zones or hashes. One case a line, fields parted by tabs:
function, constants (name=value;name=value), expected, arguments. An argument is its type and its value: t: text,
i: integer, d: days since 1970, s: microseconds without zone, z: microseconds with zone, nS: decimal of scale S unscaled,
f: float. Texts are percent-encoded. Lines of one function and one set of constants stand together.
"""
import calendar
import datetime
import random
import sys
import unicodedata
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, getcontext
from urllib.parse import quote

getcontext().prec = 80
chance = random.Random(20240229)
EPOCH = datetime.date(1970, 1, 1)


def line(function, constants, expected, *arguments):
    print(function, constants, quote(expected, safe=""), *arguments, sep="\t")


def text(value):
    return "t:" + quote(value, safe="")


# ---- unicode ----

def assigned():
    """Every character that this Python's Unicode knows."""
    if not CHARACTERS:
        CHARACTERS.extend(c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in ("Cn", "Cs", "Co"))
    return CHARACTERS


CHARACTERS = []


def unicode_cases():
    for function, form in (("nfc", "NFC"), ("nfkc", "NFKC")):
        for c in (c for c in assigned() if unicodedata.decomposition(c) or unicodedata.combining(c)):
            # Between letters, so that marks have something to join.
            sample = "e" + c + "a"
            if unicodedata.normalize(form, sample) != sample:
                line(function, "", unicodedata.normalize(form, sample), text(sample))
    for function, method in (("upper", str.upper), ("lower", str.lower)):
        for c in assigned():
            if method(c) != c:
                line(function, "", method(c), text(c))
    for c in assigned():
        if c.isspace() and not 0x1C <= ord(c) <= 0x1F:  # Python counts the separators of ASCII; Unicode does not
            line("trim", "", "x y", text(c + "x y" + c))
    for c in assigned():
        digit = unicodedata.decimal(c, None)
        if digit is not None:
            line("only_digits", "", str(digit), text("a" + c))
    for c in assigned()[::5]:
        if unicodedata.category(c) in ("Lo", "Ll", "Nd") and ord(c) < 0x20000 and ord(c) >= 0x20:
            wide = unicodedata.east_asian_width(c) in "WF"
            line("char_width", "", "2" if wide else "1", text(c))


# ---- numbers ----

def grouped(digits, sign, sizes):
    parts, rest, size = [], digits, sizes[0]
    while len(rest) > size:
        parts.insert(0, rest[-size:])
        rest, size = rest[:-size], sizes[-1]
    return sign.join([rest] + parts)


STYLES = {"de_DE": (",", ".", [3]), "en_US": (".", ",", [3]), "de_CH": (".", "\u2019", [3]), "fr_FR": (",", "\u202f", [3]),
          "hi_IN": (".", ",", [3, 2]), "sv_SE": (",", "\u00a0", [3]), "zh_CN": (".", ",", [3]), "ja_JP": (".", ",", [3]),
          "pt_BR": (",", ".", [3]), "ru_RU": (",", "\u00a0", [3])}


def unscaled(value, scale):
    return str(int(value.scaleb(scale)))


def number_cases():
    values = [Decimal(chance.randrange(-10**chance.randrange(1, 28), 10**chance.randrange(1, 28))).scaleb(-chance.randrange(0, 7))
              for _ in range(400)] + [Decimal(0), Decimal("0.000001"), Decimal("-999999999999999999999999999999.99")]
    for locale, (point, group, sizes) in STYLES.items():
        for value in values:
            sign, plain = ("-" if value < 0 else ""), format(abs(value), "f")
            whole, _, fraction = plain.partition(".")
            expected = format(value.quantize(Decimal(1).scaleb(-6)) + 0, "f")
            shown = grouped(whole, group, sizes) + (point + fraction if fraction else "")
            for spelt in (sign + shown, sign + whole + (point + fraction if fraction else ""),
                          ("(%s)" if sign else "%s") % shown, shown + sign, "EUR " + sign + shown, sign + shown + " \u20ac"):
                line("number", "locale=" + locale, expected, text(spelt))
    wide = str.maketrans("0123456789.-,", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff0e\uff0d\uff0c")
    for value in values:
        line("number", "", format(value.quantize(Decimal(1).scaleb(-6)) + 0, "f"), text(format(value, "f").translate(wide)))
    for unit, power in (("\u5341", 1), ("\u767e", 2), ("\u5343", 3), ("\u4e07", 4), ("\u5343\u4e07", 7), ("\u4ebf", 8), ("\u4e07\u4ebf", 12)):
        for _ in range(20):
            value = Decimal(chance.randrange(1, 10**6)).scaleb(-chance.randrange(0, 4))
            line("number", "locale=zh_CN", format(value.scaleb(power).quantize(Decimal("0.000001")), "f"), text(format(value, "f") + unit))
    modes = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}
    for places in (-3, -1, 0, 1, 2, 4):
        for mode, rounding in modes.items():
            for value in values[:200] + [Decimal(n).scaleb(-3) for n in range(-2600, 2600, 125)]:
                scaled = value.quantize(Decimal("0.000001"))
                out = scaled.quantize(Decimal(1).scaleb(-places), rounding=rounding)
                line("round", "places=%d;mode=%s" % (places, mode), format(out.quantize(Decimal(1).scaleb(-max(places, 0))) + 0, "f"),
                     "n6:" + unscaled(scaled, 6))
    for function, rounding in (("floor", ROUND_FLOOR), ("ceil", ROUND_CEILING), ("trunc", ROUND_DOWN)):
        for value in values:
            scaled = value.quantize(Decimal("0.000001"))
            line(function, "", format(scaled.to_integral_value(rounding) + 0, "f"), "n6:" + unscaled(scaled, 6))
    for _ in range(400):
        value = chance.uniform(-1, 1) * 10.0 ** chance.randrange(-12, 15)
        exact = Decimal(repr(value))
        if -exact.as_tuple().exponent <= 30 and abs(exact) < 10**8:
            line("number", "scale=30", format(exact.quantize(Decimal(1).scaleb(-30)), "f"), "f:" + repr(value))
    for _ in range(300):
        a, b = Decimal(chance.randrange(-10**12, 10**12)).scaleb(-3), Decimal(chance.randrange(1, 10**6)).scaleb(-2)
        line("mod", "", format(a % b + 0, ".3f") if a % b else "0.000", "n3:" + unscaled(a, 3), "n2:" + unscaled(b, 2))
    for locale, (point, group, sizes) in STYLES.items():
        if locale == "ja_JP":
            continue
        for value in values:
            rounded = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            whole, _, fraction = format(abs(rounded), "f").partition(".")
            sign = "-" if rounded < 0 else ""
            line("format_number", "places=2;locale=" + locale, sign + grouped(whole, group, sizes) + point + fraction,
                 "n6:" + unscaled(value.quantize(Decimal("0.000001")), 6))


# ---- dates ----

def add_months(day, count):
    month = day.year * 12 + day.month - 1 + count
    year, month = divmod(month, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def date_cases():
    days = [datetime.date.fromordinal(chance.randrange(1, datetime.date.max.toordinal() + 1)) for _ in range(600)]
    days += [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.date(2000, 2, 29), datetime.date(1900, 2, 28)]
    modern = [datetime.date.fromordinal(chance.randrange(datetime.date(1912, 1, 1).toordinal(), datetime.date(2099, 1, 1).toordinal()))
              for _ in range(300)]

    def number(day):
        return "d:%d" % (day - EPOCH).days

    for function, f in (("year", lambda d: d.year), ("month", lambda d: d.month), ("day", lambda d: d.day),
                        ("week", lambda d: d.isocalendar()[1]), ("weekday", lambda d: d.isoweekday()),
                        ("quarter", lambda d: (d.month + 2) // 3)):
        for day in days:
            line(function, "", str(f(day)), number(day))
    for day in modern:
        count = chance.randrange(-400, 400)
        line("add_months", "", add_months(day, count).isoformat(), number(day), "i:%d" % count)
    for day in modern:
        other = chance.choice(modern)
        a, b = min(day, other), max(day, other)
        months = 0
        while add_months(a, months + 1) <= b:
            months += 1
        line("months_between", "", str(months if day <= other else -months), number(day), number(other))
    for day in days:
        line("end_of_month", "", day.replace(day=calendar.monthrange(day.year, day.month)[1]).isoformat(), number(day))
    forms = {"": ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y\u5e74%m\u6708%d\u65e5", "%d-%b-%Y", "%d %B %Y", "%B %d, %Y", "%b %d, %Y",
                  "%Y-%b-%d", "%a, %d %b %Y", "%A %d %B %Y", "%Y-%m-%dT00:00:00"],
             "formats=dmy": ["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d %m %Y", "%d%m%Y"],
             "formats=mdy": ["%m/%d/%Y", "%m-%d-%Y", "%m%d%Y"],
             "formats=dd.MM.yyyy": ["%d.%m.%Y"], "formats=EEEE d MMMM yyyy": ["%A %d %B %Y"]}
    for constants, patterns in forms.items():
        for pattern in patterns:
            for day in days[:150]:
                spelt = day.replace(year=max(day.year, 1000)) if day.month != 2 or day.day != 29 else day
                if spelt.year >= 1000:
                    line("date", constants, spelt.isoformat(), text(spelt.strftime(pattern)))
    for day in modern:
        line("date", "", day.isoformat(), text("\u6c11\u570b%d\u5e74%d\u6708%d\u65e5" % (day.year - 1911, day.month, day.day)))
    for day in modern:
        line("date", "formats=roc", day.isoformat(), text("%d/%d/%d" % (day.year - 1911, day.month, day.day)))
    for day in modern:
        serial = (day - datetime.date(1899, 12, 30)).days
        if serial > 60:
            line("date", "formats=excel", day.isoformat(), text(str(serial)))
    for day in modern:
        line("date", "formats=dmy;century=1950", day.isoformat() if 1950 <= day.year < 2050 else
             day.replace(year=1950 + (day.year - 1950) % 100, day=min(day.day, 28)).isoformat(),
             text((day if 1950 <= day.year < 2050 else day.replace(day=min(day.day, 28))).strftime("%d.%m.%y")))
    for pattern, ours in (("%d.%m.%Y", "dd.MM.yyyy"), ("%Y%m%d", "yyyyMMdd"), ("%d %B %Y", "dd MMMM yyyy"), ("%a %d %b %y", "EEE dd MMM yy")):
        for day in modern:
            # ICU writes Sept with four letters in English; it is left out here and has an example of its own.
            if day.month != 9:
                line("format_date", "pattern=" + ours, day.strftime(pattern), number(day))


# ---- zones ----

ZONES = ["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Europe/London", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia",
         "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kathmandu", "Europe/Dublin", "America/St_Johns", "Asia/Hong_Kong", "Asia/Taipei",
         "Pacific/Kiritimati", "America/Nuuk", "Europe/Moscow", "Asia/Tehran", "Antarctica/Troll"]


def zone_cases():
    from zoneinfo import ZoneInfo
    utc = datetime.timezone.utc
    epoch = datetime.datetime(1970, 1, 1, tzinfo=utc)

    def micros(moment):
        return (moment - epoch) // datetime.timedelta(microseconds=1)

    def shown(moment):
        return moment.astimezone(utc).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")

    for name in ZONES:
        zone = ZoneInfo(name)
        moments = [epoch + datetime.timedelta(seconds=chance.randrange(-4 * 10**9, 8 * 10**9)) for _ in range(150)]
        changes, at = [], datetime.datetime(1850, 1, 1, tzinfo=utc)
        while at.year < 2120:  # the minutes in which the offset changes
            after = at + datetime.timedelta(days=10)
            if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
                low, high = at, after
                while high - low > datetime.timedelta(minutes=1):
                    middle = low + (high - low) / 2
                    if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
                        low = middle
                    else:
                        high = middle
                changes.append(high.replace(microsecond=0))
            at = after
        for change in changes[::3] + changes[-20:]:
            moments += [change + datetime.timedelta(seconds=chance.randrange(-7200, 7200)) for _ in range(2)]
        for moment in moments:
            line("local", "zone=" + name, moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0"), "z:%d" % micros(moment))
        walls = [m.astimezone(zone).replace(tzinfo=None) + datetime.timedelta(minutes=chance.randrange(-90, 90)) for m in moments]
        for constants, choice in (("gap=error;overlap=error", None), ("gap=earlier;overlap=earlier", min), ("gap=later;overlap=later", max)):
            for wall in walls:
                first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
                there = first.astimezone(utc).astimezone(zone).replace(tzinfo=None) == wall
                both = [first.astimezone(utc), second.astimezone(utc)]
                if choice is None:
                    expected = "GW-1265" if not there else "GW-1266" if both[0] != both[1] else shown(first)
                else:
                    expected = shown(choice(both))
                line("at_zone", "zone=%s;%s" % (name, constants), expected, "s:%d" % micros(wall.replace(tzinfo=utc)))


# ---- hashes ----

def hash_cases():
    import base64
    import hashlib
    import hmac
    import uuid
    import zlib
    texts = ["", "a", "M\u00fcller & S\u00f6hne", "\u4e0a\u6d77\u8d38\u6613\u6709\u9650\u516c\u53f8", "\U0001f468\u200d\U0001f469", "x" * 1000]
    texts += ["".join(chr(chance.randrange(32, 0x2fff)) for _ in range(chance.randrange(1, 200))) for _ in range(60)]
    for name, f in (("md5", hashlib.md5), ("sha1", hashlib.sha1), ("sha256", hashlib.sha256), ("sha512", hashlib.sha512),
                    ("blake2b", lambda b: hashlib.blake2b(b, digest_size=32))):
        for value in texts:
            line(name, "", f(value.encode()).hexdigest(), text(value))
    for value in texts:
        line("crc32", "", "%08x" % zlib.crc32(value.encode()), text(value))
    for value in texts:
        line("hmac_sha256", "key=a long key, longer than one block of the digest, so that it is hashed first itself 0123456789",
             hmac.new(b"a long key, longer than one block of the digest, so that it is hashed first itself 0123456789", value.encode(), "sha256").hexdigest(), text(value))
    for value in texts:
        line("uuid_v5", "namespace=url", str(uuid.uuid5(uuid.NAMESPACE_URL, value)), "skip", text(value))
    for value in texts:
        line("base64_encode", "", base64.b64encode(value.encode()).decode(), text(value))
    for value in texts:
        line("base64_decode", "", value, text(base64.b64encode(value.encode()).decode()))
    for value in texts:
        line("hex_decode", "", value, text(value.encode().hex()))


if __name__ == "__main__":
    {"unicode": unicode_cases, "numbers": number_cases, "dates": date_cases, "zones": zone_cases, "hashes": hash_cases}[sys.argv[1]]()
