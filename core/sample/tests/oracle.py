"""What the harbour-trading pipeline must do with an extract, worked out from the files alone.

Shares nothing with the generator: own parser of records, own rules, Python's codecs, dates and decimals.
Usage: oracle.py FOLDER [customers-encoding [branches-encoding]]. Compares with FOLDER/truth and FOLDER/expected_totals.csv;
prints differences and exits with 1 when there are any.
"""
import collections, csv, datetime, decimal, io, re, sys

folder = sys.argv[1]
encodings = (sys.argv[2:] + ['gb18030', 'cp1252'][len(sys.argv[2:]):])[:2]
wrong = []


def records(name, encoding, delimiter):
    """Yields (line, fields or None) of each record behind the header; None: it cannot be read."""
    raw = open(f'{folder}/{name}', 'rb').read()
    if raw.startswith(b'\xef\xbb\xbf'):
        raw = raw[3:]
    line, start, quoted, width = 1, 0, False, None
    for end in range(len(raw)):
        if raw[end] == 34:
            quoted = not quoted
        if raw[end] != 10 or quoted:
            continue
        record, at = raw[start:end].rstrip(b'\r'), line
        line += raw.count(b'\n', start, end + 1)
        start = end + 1
        fields = None
        if b'\0' not in record:
            try:
                rows = list(csv.reader(io.StringIO(record.decode(encoding), newline=''), delimiter=delimiter, strict=True))
                fields = rows[0] if len(rows) == 1 else None
            except (UnicodeDecodeError, csv.Error):
                pass
        if width is None:
            width = len(fields)
            yield 0, fields
        else:
            yield at, fields if fields is not None and len(fields) == width else None
    if start != len(raw):
        wrong.append(f'{name}: the last line has no end')


def table(name, encoding='utf-8', delimiter=','):
    rows = records(name, encoding, delimiter)
    header = next(rows)[1]
    return [(line, dict(zip(header, fields)) if fields is not None else None) for line, fields in rows]


def number(text, country):
    """Decimal, None for empty; raises for what is no number in the land's way of writing."""
    if not text:
        return None
    group, point = ('.', ',') if country in GERMAN else (',', '.')
    if not re.fullmatch(rf'-?\d{{1,3}}(?:{re.escape(group)}\d{{3}})*(?:{re.escape(point)}\d\d)?', text):
        raise ValueError(text)
    return decimal.Decimal(text.replace(group, '').replace(point, '.'))


def date(text):
    if not text:
        return None
    for pattern in ('%Y-%m-%d', '%Y/%m/%d', '%Y%m%d', '%d.%m.%Y'):
        try:
            return datetime.datetime.strptime(text, pattern)
        except ValueError:
            pass
    raise ValueError(text)


GERMAN = {'DE', 'Deutschland', 'Germany', 'DEU'}
BRANCHES = {'SCHIFF', 'SPED', 'HANDEL', 'LEBENSM', 'MASCH', 'CHEMIE', 'TEXTIL', 'VERP', 'SONST'}
MAIL = re.compile(r'[A-Za-z0-9.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+')
books = collections.defaultdict(collections.Counter)
placed = {}  # (file, line) -> bucket


def put(flow, file, line, bucket):
    books[flow]['read'] += 1
    books[flow][bucket] += 1
    placed[file, line] = bucket
    return bucket


users = {}
for line, row in table('users.csv'):
    bucket = 'created' if row['active'] == 'Y' else 'filtered' if row['active'] else 'filtered_unknown'
    users[row['user_code']] = put('users', 'users.csv', line, bucket)

accounts, parents, totals = {}, {}, collections.Counter()
firms = [('customers.csv', *r) for r in table('customers.csv', encodings[0])] + [
    ('branches.csv', *r) for r in table('branches.csv', encodings[1], ';')]
for file, line, row in firms:
    if row is None:
        put('accounts', file, line, 'set_aside')
        continue
    try:
        revenue = number(row['revenue'], row['country'])
        garbled = False
    except ValueError:
        revenue, garbled = None, True
    totals[row['currency']] += revenue or 0
    if row['status'] == 'X':
        bucket = 'filtered'
    elif row['cust_no'] in accounts and accounts[row['cust_no']] != 'set_aside':
        put('accounts', file, line, 'set_aside')
        continue
    else:
        try:
            date(row['since'])
            bad_date = False
        except ValueError:
            bad_date = True
        bad = (garbled or bad_date or (revenue or 0) < 0 or row['status'] not in ('A', 'P', '') or not row['name'].strip()
               or len(row['name']) > 120 or users.get(row['owner_code']) != 'created' or row['branch'] not in BRANCHES)
        bucket = 'set_aside' if bad else 'created'
        if bucket == 'created':
            books['accounts']['warned'] += not MAIL.fullmatch(row['email'])
            if row['parent_no']:
                parents[row['cust_no']] = row['parent_no']
    accounts[row['cust_no']] = put('accounts', file, line, bucket)
for child, parent in parents.items():
    books['accounts']['obligations_set' if accounts.get(parent) == 'created' else 'obligations_failed'] += 1


def children(flow, file, key, bucket_of, on_double):
    loaded = {}
    for line, row in table(file):
        if row is None:
            put(flow, file, line, 'set_aside')
            continue
        bucket = bucket_of(row)
        if bucket not in ('filtered', 'filtered_unknown'):
            if loaded.get(row[key]) == 'created':
                put(flow, file, line, on_double)
                continue
            loaded[row[key]] = bucket
        else:
            loaded.setdefault(row[key], bucket)
        put(flow, file, line, bucket)
    return loaded


def contact(row):
    if row['status'] != 'A':
        return 'filtered' if row['status'] else 'filtered_unknown'
    try:
        date(row['birthday'])
    except ValueError:
        return 'set_aside'
    good = (accounts.get(row['cust_no']) == 'created' and row['name'].strip() and len(row['job']) <= 80
            and row['language'] in ('zh', 'de', 'ja', 'en') and (not row['email'] or MAIL.fullmatch(row['email'])))
    return 'created' if good else 'set_aside'


contacts = children('contacts', 'contacts.csv', 'contact_no', contact, 'merged')


def activity(row):
    if row['state'] == 'storniert':
        return 'filtered'
    try:
        datetime.datetime.strptime(row['planned'], '%Y-%m-%d %H:%M')
    except ValueError:
        return 'set_aside'
    good = (contacts.get(row['contact_no']) == 'created' and row['subject'] and row['kind'] in ('TEL', 'MAIL', 'BESUCH', 'WECHAT', 'MESSE')
            and users.get(row['owner_code']) == 'created')
    return 'created' if good else 'set_aside'


children('activities', 'activities.csv', 'activity_no', activity, 'set_aside')

for row in csv.DictReader(open(f'{folder}/truth/expected_books.csv', encoding='utf-8')):
    flow = row.pop('flow')
    for bucket, count in row.items():
        if books[flow][bucket] != int(count):
            wrong.append(f'{flow} {bucket}: {count} told, {books[flow][bucket]} found')
told = set()
for row in csv.DictReader(open(f'{folder}/truth/truth_defects.csv', encoding='utf-8')):
    place = row['file'], int(row['line'])
    told.add(place)
    if placed.get(place) != row['bucket']:
        wrong.append(f'{place} {row["defect"]}: {row["bucket"]} told, {placed.get(place)} found')
for row in csv.DictReader(open(f'{folder}/truth/truth_duplicates.csv', encoding='utf-8')):
    place = row['file'], int(row['line'])
    told.add(place)
    if placed.get(place) != row['bucket']:
        wrong.append(f'{place} {row["kind"]}: {row["bucket"]} told, {placed.get(place)} found')
for place, bucket in placed.items():
    if bucket != 'created' and place not in told:
        wrong.append(f'{place}: {bucket}, and nobody told')
figures = {row['currency']: decimal.Decimal(row['value']) for row in csv.DictReader(open(f'{folder}/expected_totals.csv'))}
for currency in figures | totals:
    if figures.get(currency) != totals[currency]:
        wrong.append(f'{currency}: {figures.get(currency)} told, {totals[currency]} found')
for line in wrong[:30]:
    print(line)
print(len(wrong), 'differences', dict(books))
sys.exit(bool(wrong))
