#!/usr/bin/env python3
"""The data of the benchmarks: customers, contacts and a table of 300 columns, the same bytes for the same arguments.

  customers.py customers ROWS FILE    17 columns, about 198 bytes a row, German, Chinese and English names, every tenth row
                                      with a line break inside quotes
  customers.py contacts ROWS FILE     6 columns, about 90 bytes a row; each refers to a customer, far from its neighbours'
  customers.py wide ROWS FILE         300 columns, about 5 kB a row, half of them empty, with long texts that hold line breaks

The rows of a block are drawn once; the following blocks repeat them with other keys and e-mail addresses, which stay unique.
So ten million rows take seconds, and the first rows of a large file are the rows of a small one. Right for throughput and
memory, wrong for compression and for finding doubles.
"""
import random
import sys

BLOCK = 100_000
COLUMNS = ("external_id", "name", "kind", "email", "phone", "country", "street", "extra", "city", "postcode", "since", "status",
           "owner", "revenue", "currency", "website", "notes")
CONTACT_COLUMNS = ("contact_id", "account_id", "name", "email", "phone", "role")
WIDE_COLUMNS = ("contact_id",) + tuple(f"field_{i:03d}" for i in range(1, 300))
WIDE_BLOCK = 500
PERSON_COLUMNS = ("person_no", "customer_no", "first_name", "last_name", "title", "email", "phone", "role", "is_primary", "modified")
PERSON_ORPHAN_EVERY = 20  # of the persons; for workloads that are about parents
ORPHAN_EVERY = 1000  # each so-manieth contact refers to a customer that is not there
CONTACT_STEP = 7_368_787  # prime, hence contacts to customers is one to one unless it divides their number

GERMAN_GIVEN = "Jürgen Käthe Björn Sören Günther Heike Anneliese Wolfgang Ulrike Matthias Dörte Friedrich Hannelore Volker".split()
GERMAN_FAMILY = "Müller Schröder Weiß Krüger Böhm Jäger Löffler Hübner Steinbach Großmann Pfeiffer Lindemann Köhler Voß".split()
GERMAN_CITIES = "München Köln Düsseldorf Nürnberg Göttingen Lübeck Görlitz Würzburg Saarbrücken Tübingen".split()
GERMAN_STREETS = "Bahnhofstraße Goethestraße Am_Mühlenbach Königsallee Schloßplatz An_der_Hafenmole Östliche_Ringstraße".split()
CHINESE_FAMILY = "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 欧阳 司马 諸葛".split()
CHINESE_GIVEN = "伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 涛 明霞 建国 志强 淑兰".split()
CHINESE_CITIES = "上海市 北京市 广州市 深圳市 杭州市 成都市 武汉市 南京市 青岛市".split()
CHINESE_STREETS = "人民路 中山北路 解放大道 建设街 科技园区 滨江路 文化巷".split()
CHINESE_FIRMS = "华兴贸易有限公司 海港物流集团有限公司 东方机械制造厂 长江电子科技股份有限公司 金鹏食品有限公司".split()
ENGLISH_GIVEN = "Alice Brian Catherine Duncan Eleanor Frank Georgina Hugh Isobel Kenneth Margaret Nigel Patricia Robert".split()
ENGLISH_FAMILY = "Ashworth Baxter Carmichael Dawson Entwistle Fairfax Grantham Hollis Kingsley Lockwood Merton Prescott".split()
ENGLISH_CITIES = "Bristol Leeds Newcastle Plymouth Norwich Aberdeen Exeter Swansea Coventry".split()
ENGLISH_STREETS = "Harbour_Road Mill_Lane Victoria_Street Church_Walk Station_Approach Old_Quay".split()
FIRM_WORDS = "Nordlicht Hanseatic Bergmann Westwind Albatros Falkner Seaview Ironbridge Kranich Larkfield".split()
FIRM_KINDS = "Maschinenbau_GmbH Logistik_GmbH_&_Co._KG Trading_Ltd. Foods_plc Elektrotechnik_AG Shipping_Ltd.".split()
NOTES = ("imported from the branch office; terms not confirmed", "asks for paper invoices", "长期客户，付款及时", "Ansprechpartner wechselt häufig",
         "called twice, \"nobody in\"", "Lieferung nur vormittags, Tor 3", "do not contact before the end of the quarter", "合同待续签, 请联系销售",
         "credit limit under review", "Rechnung an die Zentrale")
LINES = ("first contact at the fair\nwants an offer by autumn", "Rückruf erbeten\nnicht vor 9 Uhr, \"bitte leise\"", "仓库地址不同\n请先电话确认",
         "two delivery addresses\r\nsee the old card file", "Zahlungsziel 60 Tage\nSkonto vereinbart\nsiehe Vertrag")
SENTENCES = NOTES + ("Das Angebot wurde mündlich verlängert und liegt beim Vertrieb.", "客户希望在下个季度重新讨论价格和交货期。",
                     "The old system kept this text in a field of its own; nobody knows why.")


def quoted(value):
    """One CSV field of RFC 4180."""
    if any(c in value for c in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def spaced(words, rng):
    return rng.choice(words).replace("_", " ")


def customer(rng, index):
    """A customer without its key: the fields 1 to 16; the e-mail address as the two texts around a unique number."""
    land = rng.random()
    firm = rng.random() < 0.4
    digits = f"{rng.randrange(10 ** 8):08d}"
    amount = rng.randrange(10 ** 6, 10 ** 10)
    if land < 0.45:
        name = f"{rng.choice(FIRM_WORDS)} {spaced(FIRM_KINDS, rng)}" if firm else f"{rng.choice(GERMAN_FAMILY)}, {rng.choice(GERMAN_GIVEN)}"
        place = (rng.choice(("DE", "Deutschland", "Germany", "D")), f"{spaced(GERMAN_STREETS, rng)} {rng.randrange(1, 300)}",
                 rng.choice(GERMAN_CITIES), digits[:5])
        phone, money, currency = f"+49 {digits[:3]} {digits[1:]}", f"{amount:,}".replace(",", ".") + f",{digits[-2:]}", "EUR"
        since = f"{rng.randrange(1, 29):02d}.{rng.randrange(1, 13):02d}.{rng.randrange(1995, 2025)}"
    elif land < 0.75:
        name = rng.choice(CHINESE_FIRMS) if firm else rng.choice(CHINESE_FAMILY) + rng.choice(CHINESE_GIVEN)
        place = (rng.choice(("CN", "中国", "PRC", "China")), f"{rng.choice(CHINESE_STREETS)}{rng.randrange(1, 900)}号",
                 rng.choice(CHINESE_CITIES), digits[:6])
        phone, money, currency = f"0086 13{digits} ", f"{amount / 100:,.2f}", "CNY"
        since = f"{rng.randrange(1995, 2025)}/{rng.randrange(1, 13):02d}/{rng.randrange(1, 29):02d}"
    else:
        name = f"{rng.choice(FIRM_WORDS)} {spaced(FIRM_KINDS, rng)}" if firm else f"{rng.choice(ENGLISH_GIVEN)} {rng.choice(ENGLISH_FAMILY)}"
        place = (rng.choice(("GB", "United Kingdom", "UK", "England")), f"{rng.randrange(1, 300)} {spaced(ENGLISH_STREETS, rng)}",
                 rng.choice(ENGLISH_CITIES), f"{digits[0]}A{digits[1]} {digits[2]}BX")
        phone, money, currency = f"(0{digits[:3]}) {digits[1:4]} {digits[4:]}", f"£{amount / 100:,.2f}", "GBP"
        since = f"{rng.randrange(1995, 2025)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    domain = f"{rng.choice(FIRM_WORDS).lower()}.example.{rng.choice(('com', 'org', 'net'))}"
    notes = rng.choice(LINES) if index % 10 == 3 else rng.choice(NOTES) if rng.random() < 0.3 else ""
    country, street, city, postcode = place
    before = (name, "company" if firm else "person")
    after = (phone, country, street, rng.choice(("", "", "", "", "Postfach 1204", "2. Etage", "Building 7")), city, postcode, since,
             rng.choice(("A", "active", "inaktiv", "closed", "潜在客户")), rng.choice(("mgr01", "k.weiss", "LWE", "0042")), money, currency,
             "www." + domain if firm and rng.random() < 0.4 else "", notes)
    head = "," + ",".join(quoted(f) for f in before) + "," + rng.choice(("info", "mail", "buero")) + "."
    return head.encode(), ("@" + domain + "," + ",".join(quoted(f) for f in after) + "\n").encode()


def write_customers(rows, out):
    rng = random.Random(20240131)
    block = [customer(rng, i) for i in range(min(rows, BLOCK))]
    heads, tails = [b[0] for b in block], [b[1] for b in block]
    out.write((",".join(COLUMNS) + "\n").encode())
    for first in range(0, rows, BLOCK):
        count = min(BLOCK, rows - first)
        numbers = [b"%08d" % n for n in range(first, first + count)]
        parts = [b"C"] * (5 * count)
        parts[1::5], parts[3::5] = numbers, numbers
        parts[2::5], parts[4::5] = heads[:count], tails[:count]
        out.write(b"".join(parts))


def is_orphan(index):
    return index % ORPHAN_EVERY == 7


def write_contacts(rows, out):
    """One contact for each of `rows` customers, in an order in which neighbours' customers are far apart."""
    rng = random.Random(7)
    tails = []
    for _ in range(min(rows, BLOCK)):
        name = rng.choice(CHINESE_FAMILY) + rng.choice(CHINESE_GIVEN) if rng.random() < 0.3 else f"{rng.choice(GERMAN_GIVEN)} {rng.choice(GERMAN_FAMILY)}"
        tail = ("", quoted(name), f"{rng.choice(FIRM_WORDS).lower()}{rng.randrange(1000)}@mail.example.com", f"+49 40 {rng.randrange(10 ** 7):07d}",
                rng.choice(("buyer", "decision maker", "Geschäftsführung", "财务")))
        tails.append((",".join(tail) + "\n").encode())
    step = CONTACT_STEP
    assert rows % step
    out.write((",".join(CONTACT_COLUMNS) + "\n").encode())
    for first in range(0, rows, BLOCK):
        last = min(first + BLOCK, rows)
        out.write(b"".join(b"P%08d,%c%08d%b" % (i, b"X" if is_orphan(i) else b"C", i * step % rows, tails[i - first]) for i in range(first, last)))


def is_person_orphan(index):
    return index % PERSON_ORPHAN_EVERY == 7


def write_persons(rows, out):
    """One person for each of `rows` customers, in an order in which neighbours' customers are far apart."""
    rng = random.Random(11)
    tails = []
    for _ in range(min(rows, BLOCK)):
        given, family = (rng.choice(CHINESE_GIVEN), rng.choice(CHINESE_FAMILY)) if rng.random() < 0.3 else (rng.choice(GERMAN_GIVEN), rng.choice(GERMAN_FAMILY))
        tail = ("", given, family, rng.choice(("", "", "Dr.", "Prof.", "经理")), f"{rng.choice(FIRM_WORDS).lower()}{rng.randrange(1000)}@mail.example.com",
                f"+49 40 {rng.randrange(10 ** 7):07d}", rng.choice(("buyer", "decision maker", "Geschäftsführung", "财务")), rng.choice(("0", "1")),
                f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d} 08:30:00")
        tails.append((",".join(tail) + "\n").encode())
    step = CONTACT_STEP
    assert rows % step
    out.write((",".join(PERSON_COLUMNS) + "\n").encode())
    for first in range(0, rows, BLOCK):
        last = min(first + BLOCK, rows)
        out.write(b"".join(b"P%08d,%c%08d%b" % (i, b"X" if is_person_orphan(i) else b"C", i * step % rows, tails[i - first]) for i in range(first, last)))


def wide_contact(rng, index):
    fields = []
    for column in range(1, 300):
        if column % 75 == 0:  # four long texts
            text = " ".join(rng.choice(SENTENCES) for _ in range(rng.randrange(8, 40)))
            fields.append(text.replace(". ", ".\n") if index % 10 == 3 else text)
        elif rng.random() < 0.5:
            fields.append("")
        elif column % 9 == 0:
            fields.append(rng.choice(SENTENCES))
        elif column % 3 == 0:
            fields.append(str(rng.randrange(10 ** 9)))
        else:
            fields.append(rng.choice((rng.choice(GERMAN_FAMILY), rng.choice(CHINESE_CITIES), "2019-04-01 08:30:00", "yes", "A", spaced(FIRM_KINDS, rng))))
    return ("," + ",".join(quoted(f) for f in fields) + "\n").encode()


def write_wide(rows, out):
    rng = random.Random(300)
    tails = [wide_contact(rng, i) for i in range(min(rows, WIDE_BLOCK))]
    out.write((",".join(WIDE_COLUMNS) + "\n").encode())
    for first in range(0, rows, WIDE_BLOCK):
        count = min(WIDE_BLOCK, rows - first)
        out.write(b"".join(b"W%08d%b" % (first + i, tails[i]) for i in range(count)))


WRITERS = {"customers": write_customers, "contacts": write_contacts, "persons": write_persons, "wide": write_wide}


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in WRITERS:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[3], "wb") as out:
        WRITERS[sys.argv[1]](int(sys.argv[2]), out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
