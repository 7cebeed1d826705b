#include "core/expr/special_forms.hpp"

namespace godwit::expr {

const std::vector<SpecialForm>& special_forms() {
  static const std::vector<SpecialForm> all{
      {"coalesce", "condition", "coalesce(value, ...)",
       "The first value that is not null; values after it are not evaluated. `unset` counts as an answer.",
       {{"value", "Any type; all of one type."}},
       {{"coalesce(null, 'a', 'b')", "a"}, {"coalesce('', 'b')", ""}, {"coalesce(1, 1 / 0)", "1.000000"}, {"coalesce(null, null)", "null"}}},
      {"if", "condition", "if(condition, then [, otherwise])",
       "`then` where the condition is true, `otherwise` (or null) where it is false or unknown. Only the branch taken is evaluated.",
       {{"condition", "True, false or null."}, {"then", "Any type."}, {"otherwise", "Of the same type."}},
       {{"if(2 > 1, 'yes', 'no')", "yes"}, {"if(null, 'yes', 'no')", "no"}, {"if(1 > 2, 'yes')", "null"}}},
      {"lookup", "reference", "lookup(connection.Object, field, key [, otherwise_value => key, otherwise => set_aside | null, give => field])",
       "The id of the record that the target already holds with this value in `field`. No such record sets the row aside, and so does a second one: a lookup never takes the first of several.",
       {{"connection.Object", "An object of a connection."},
        {"field", "The field that is searched, or `[field, field]` with as many keys."},
        {"key", "The value to find; a null key gives null."},
        {"otherwise_value", "The key that is looked up instead when nothing is found."},
        {"otherwise", "`set_aside` (as without it) or `null`: what becomes of a key that is not found."},
        {"give", "The field to give instead of the id."}},
       {{"lookup(crm.User, Code, 'ann')", "U1"}, {"lookup(crm.User, Code, 'nobody')", "GW-1403"},
        {"lookup(crm.User, Code, 'nobody', otherwise_value => 'ann')", "U1"},
        {"lookup(crm.User, Code, 'nobody', otherwise => null)", "null"}, {"lookup(crm.User, Code, 'twin')", "GW-1404"},
        {"lookup(crm.User, Code, null)", "null"}}},
      {"nullif", "condition", "nullif(value, other)", "Null where both are equal, otherwise the value.",
       {{"value", "Any type that can be compared."}, {"other", "Of the same type."}},
       {{"nullif('N/A', 'N/A')", "null"}, {"nullif('x', 'N/A')", "x"}, {"nullif('x', null)", "x"}}},
      {"parent", "reference", "parent(flow, key, ...)",
       "The target id of the record that `flow` made of the source row with this key. The parent may be unknown, set aside or filtered: each sets this row aside with a reason of its own.",
       {{"flow", "A flow of the project, or `[flow, flow]`: the one that has the key."},
        {"key", "As many values as the flow's source key has columns; a null key gives null."}},
       {{"parent(accounts, 'A1')", "T-A1"}, {"parent(accounts, 'gone')", "GW-1400"}, {"parent(accounts, 'bad')", "GW-1401"},
        {"parent(accounts, 'dropped')", "GW-1402"}, {"try(parent(accounts, 'gone'))", "null"}, {"parent(accounts, null)", "null"}}},
      {"try", "condition", "try(value [, otherwise])",
       "The value; where computing it fails, `otherwise` (or null) instead of setting the row aside.",
       {{"value", "Any type."}, {"otherwise", "Of the same type; evaluated only for the rows that failed."}},
       {{"try(1 / 0)", "null"}, {"try(10 / 4)", "2.500000"}, {"try(1 / 0, otherwise => 0)", "0.000000"}}},
      {"value_map", "reference", "value_map(value, file [, from => column, to => column, otherwise => set_aside | keep | null | value, ignore_case => true])",
       "The new value that a CSV file of the project gives for an old one. The file's first line names its columns; a value twice in it is an error, an empty new value is null.",
       {{"value", "Text or integer; null stays null."},
        {"file", "Relative to the project folder, bare or in quotes."},
        {"from", "Column of the old values; without it the first."},
        {"to", "Column of the new values; without it the second."},
        {"otherwise", "What becomes of a value that is not in the file: `set_aside` (as without it), `keep` it, `null`, or another value, which may be `unset`."},
        {"ignore_case", "`true`: letters of either case are alike."}},
       {{"value_map('Schiff', maps/industry.csv)", "Shipping"}, {"value_map('Rakete', maps/industry.csv)", "GW-1210"},
        {"value_map('Rakete', maps/industry.csv, otherwise => keep)", "Rakete"},
        {"value_map('Rakete', maps/industry.csv, otherwise => null)", "null"},
        {"value_map('Rakete', maps/industry.csv, otherwise => 'Other')", "Other"},
        {"value_map('SCHIFF', maps/industry.csv, ignore_case => true)", "Shipping"},
        {"value_map('Shipping', maps/industry.csv, from => new, to => old)", "Schiff"}}},
  };
  return all;
}

}  // namespace godwit::expr
