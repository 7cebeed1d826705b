#pragma once
// Every setting of a CSV connection, once.

#include <array>

#include "plugins/sdk/setting.hpp"

namespace godwit::csv {

using sdk::Kind;
using sdk::Setting;

inline constexpr std::array kSettings{
    Setting{.name = "path",
            .help = "A file, which is one object, or a folder, whose files are the objects. An object is named like its "
                    "file, without the extension where that leaves no two alike.",
            .kind = Kind::path},
    Setting{.name = "pattern",
            .help = "Which files of the folder are objects: patterns of file names with * and ?, separated by spaces.",
            .initial = "*.csv *.tsv *.tab *.txt"},
    Setting{.name = "encoding",
            .help = "Encoding of the files: utf-8, gb18030, gbk, big5, shift_jis, euc-kr, windows-1252, iso-8859-2, utf-16 and "
                    "whatever else ICU knows by name. A byte order mark is skipped; one that contradicts is an error.",
            .initial = "utf-8"},
    Setting{.name = "delimiter",
            .help = "What stands between fields: one character or several, or tab, comma, semicolon, pipe, space; \\t and \\x1f "
                    "are understood. Not given: tab for .tsv and .tab files, comma for all others.",
            .optional = true},
    Setting{.name = "quote",
            .help = "The ASCII character around fields that hold delimiters or line ends, or none.",
            .initial = "\""},
    Setting{.name = "escape",
            .help = "How a quote inside quotes is written: doubled; backslash (as MySQL and PostgreSQL dump: \\n, \\t, \\\\, and \\N "
                    "for null); or one character that takes the next one literally.",
            .initial = "doubled"},
    Setting{.name = "record_end",
            .help = "What ends a record when reading: any (LF, CR LF, CR, also mixed), or a text of its own such as ~\\n. "
                    "Writing: lf or crlf, where any means lf.",
            .initial = "any"},
    Setting{.name = "header",
            .help = "Whether the first record names the columns: yes, no, or the number of header rows, whose cells are joined "
                    "with / (an empty cell above the last row repeats its left neighbour).",
            .initial = "yes"},
    Setting{.name = "columns",
            .help = "Names of the columns, separated by commas: needed for a file without header when column_1, column_2 will not "
                    "do, and for a file that a flow is to make. With a header they replace its names.",
            .optional = true},
    Setting{.name = "null",
            .help = "Fields that mean null when they stand without quotes, separated by |. An empty part means the empty field: "
                    "|NULL|\\N. Not given: nothing is null, and an empty field is an empty text.",
            .optional = true},
    Setting{.name = "comment", .help = "Records that begin with this text are no rows.", .optional = true},
    Setting{.name = "skip_rows",
            .help = "Lines before the header (or the first record) to pass over, whatever stands in them.",
            .kind = Kind::integer,
            .unit = "lines",
            .initial = "0",
            .min = 0,
            .max = 1000000},
    Setting{.name = "skip_footer",
            .help = "Records at the end of the file that are no rows.",
            .kind = Kind::integer,
            .unit = "records",
            .initial = "0",
            .min = 0,
            .max = 1000000},
    Setting{.name = "skip_initial_space",
            .help = "Spaces behind a delimiter are not data.",
            .kind = Kind::boolean,
            .initial = "no"},
    Setting{.name = "trim",
            .help = "Spaces and tabs around a field are not data, except inside quotes.",
            .kind = Kind::boolean,
            .initial = "no"},
    Setting{.name = "ragged",
            .help = "Records with another number of fields than the header: set_aside makes them unreadable rows; pad fills short "
                    "ones with nulls and drops surplus fields that are empty.",
            .kind = Kind::choice,
            .initial = "set_aside",
            .choices = "set_aside|pad"},
    Setting{.name = "malformed_quotes",
            .help = "Records with text behind a closing quote, or with a quote that is never closed: set_aside makes them "
                    "unreadable rows and goes on at the next line; keep takes the field as it stands, quotes included.",
            .kind = Kind::choice,
            .initial = "set_aside",
            .choices = "set_aside|keep"},
    Setting{.name = "nul",
            .help = "Records with NUL bytes: set_aside makes them unreadable rows; remove takes the NULs out; keep leaves them.",
            .kind = Kind::choice,
            .initial = "set_aside",
            .choices = "set_aside|remove|keep"},
    Setting{.name = "max_field_bytes",
            .help = "Longest field, as UTF-8. A quote that is not closed within so many bytes counts as a stray one.",
            .kind = Kind::integer,
            .unit = "bytes",
            .initial = "134217728",
            .min = 1,
            .max = 1073741824},
    Setting{.name = "files",
            .help = "Settings of single objects, one object a line: branches encoding=windows-1252 delimiter=\";\". All settings "
                    "from encoding to max_field_bytes and those of writing can be given.",
            .optional = true},
    Setting{.name = "quoting",
            .help = "Which fields are quoted when writing: needed; text (all that are not null and no numbers or dates); all.",
            .kind = Kind::choice,
            .initial = "needed",
            .choices = "needed|text|all"},
    Setting{.name = "formula_guard",
            .help = "Writing: put an apostrophe before texts that a spreadsheet would run as a formula (= + - @, tab, CR at the "
                    "start); phone numbers and negative numbers are left alone. The file then differs from the data.",
            .kind = Kind::boolean,
            .initial = "no"},
    Setting{.name = "byte_order_mark",
            .help = "Writing: begin a new file with the mark of its encoding, by which Excel knows UTF-8.",
            .kind = Kind::boolean,
            .initial = "no"},
    Setting{.name = "existing",
            .help = "What a flow does with a file that is there and was not begun by Godwit: append to it, or refuse.",
            .kind = Kind::choice,
            .initial = "refuse",
            .choices = "refuse|append"},
};
static_assert(sdk::well_described(kSettings));

}  // namespace godwit::csv
