// What is printed: widths, tables, JSON values, progress.

#include <gtest/gtest.h>

#include <sstream>

#include "core/cli/json_value.hpp"
#include "core/cli/progress.hpp"
#include "core/cli/table.hpp"
#include "core/cli/width.hpp"

namespace godwit::cli {
namespace {

TEST(Width, CountsTerminalColumns) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("客户"), 4);
  EXPECT_EQ(display_width("ｶﾀｶﾅ"), 4) << "half-width forms";
  EXPECT_EQ(display_width("Ａ１"), 4) << "full-width forms";
  EXPECT_EQ(display_width("Müller"), 6);
  EXPECT_EQ(display_width("Mu\u0308ller"), 6) << "a combining mark takes no room";
  EXPECT_EQ(display_width("한국"), 4);
  EXPECT_EQ(display_width("\u200Bx"), 1);
  EXPECT_EQ(display_width("…"), 1);
  EXPECT_EQ(display_width("\xff"), 1);
  EXPECT_EQ(display_width(""), 0);
}

TEST(Width, CellsAreOneLineAndCutBetweenCharacters) {
  EXPECT_EQ(printable("a\nb\r\nc\td\x01"), "a↵b↵c→d·");
  EXPECT_EQ(printable("x\xffy"), "x\xEF\xBF\xBDy");
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("abcdefg", 6), "abcde…");
  EXPECT_EQ(cut("客户名称", 7), "客户名…");
  EXPECT_EQ(cut("客户名称", 6), "客户…") << "half a character is none";
  EXPECT_EQ(cut("客户名称", 8), "客户名称");
  EXPECT_EQ(cut(std::string(1 << 20, 'x'), 5), "xxxx…");
}

TEST(TableOutput, ColumnsLineUpWhateverTheScript) {
  std::ostringstream out;
  {
    Table table(out, {{"名称"}, {"n", Align::right}, {"note"}});
    table.row({"上海港", "1", "a"});
    table.row({"Harbour", "12345", ""});
  }
  EXPECT_EQ(out.str(),
            "名称         n  note\n"
            "───────  ─────  ────\n"
            "上海港       1  a\n"
            "Harbour  12345\n");
}

TEST(TableOutput, ManyRowsArePrintedAsTheyCome) {
  std::ostringstream out;
  Table table(out, {{"n", Align::right}});
  for (std::size_t i = 0; i < Table::kMeasured; ++i) table.row({std::to_string(i)});
  EXPECT_NE(out.str().find("\n999\n"), std::string::npos);
  table.row({"123456789"});
  EXPECT_NE(out.str().find("\n123456789\n"), std::string::npos) << "a later, wider cell is not cut";
}

TEST(TableOutput, AnEmptyTableHasItsHeader) {
  std::ostringstream out;
  { Table table(out, {{"a"}, {"b"}}); }
  EXPECT_EQ(out.str(), "a  b\n─  ─\n");
}

template <typename Append>
std::string json_of(Type type, Append append) {
  ColumnBuilder b(type);
  append(b);
  std::string out;
  append_json_value(out, b.finish(), 0);
  return out;
}

TEST(JsonValue, NumbersKeepEveryDigit) {
  EXPECT_EQ(json_of(TypeId::int64, [](auto& b) { b.append_int64(INT64_MIN); }), "-9223372036854775808");
  EXPECT_EQ(json_of(Type::decimal(38, 2), [](auto& b) { b.append_decimal(-1250); }), "-12.50");
  EXPECT_EQ(json_of(TypeId::float64, [](auto& b) { b.append_float64(0.1); }), "0.1");
  EXPECT_EQ(json_of(TypeId::float64, [](auto& b) { b.append_float64(1e300); }), "1e+300");
  EXPECT_EQ(json_of(TypeId::float64, [](auto& b) { b.append_float64(std::numeric_limits<double>::infinity()); }).front(), '"');
  const std::string digits(60, '7');
  EXPECT_EQ(json_of(TypeId::number_text, [&](auto& b) { b.append_text(digits + ".10"); }), digits + ".10");
  EXPECT_EQ(json_of(TypeId::number_text, [](auto& b) { b.append_text("007"); }), "\"007\"") << "not a JSON number";
}

TEST(JsonValue, TextsStayTexts) {
  EXPECT_EQ(json_of(TypeId::utf8, [](auto& b) { b.append_text("007"); }), "\"007\"");
  EXPECT_EQ(json_of(TypeId::utf8, [](auto& b) { b.append_text("a\"\\\n\r\t\x01 陈"); }), R"("a\"\\\n\r\t\u0001 陈")");
  EXPECT_EQ(json_of(TypeId::utf8, [](auto& b) { b.append_text(std::string_view("a\0b", 3)); }), R"("a\u0000b")");
  EXPECT_EQ(json_of(TypeId::utf8, [](auto& b) { b.append_text("x\xe4y"); }), "\"x\xEF\xBF\xBDy\"");
  EXPECT_EQ(json_of(TypeId::utf8, [](auto& b) { b.null(); }), "null");
  EXPECT_EQ(json_of(TypeId::boolean, [](auto& b) { b.append_bool(true); }), "true");
  EXPECT_EQ(json_of(TypeId::date32, [](auto& b) { b.append_date32(0); }), "\"1970-01-01\"");
  EXPECT_EQ(json_of(TypeId::json, [](auto& b) { b.append_text("{\"n\":\n1.50}"); }), "{\"n\": 1.50}");
  EXPECT_EQ(json_of(TypeId::json, [](auto& b) { b.append_text("{oops"); }), "\"{oops\"");
  EXPECT_EQ(json_of(TypeId::binary, [](auto& b) { b.append_text(std::string_view("\0\xff\x10\x01", 4)); }), "\"base64:AP8QAQ==\"");
}

TEST(Progress, NumbersForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1'250'000), "1.2 MB");
  EXPECT_EQ(duration_text(59), "0:59");
  EXPECT_EQ(duration_text(3723), "1:02:03");
}

struct Watch {
  std::ostringstream out, err;
  std::istringstream in;
  ProgressView::Clock::time_point now{};
  World world(bool terminal) {
    World w;
    w.out = &out, w.err = &err, w.in = &in, w.err_is_terminal = terminal;
    return w;
  }
  std::function<ProgressView::Clock::time_point()> clock() {
    return [this] { return now; };
  }
};

FlowProgress at(std::int64_t rows, std::int64_t bytes) {
  FlowProgress p;
  p.flow = "accounts", p.what = "loading", p.rows = rows, p.bytes = bytes, p.bytes_expected = 4'000'000;
  return p;
}

TEST(Progress, ATerminalShowsOneLineWithSpeedAndTimeLeft) {
  Watch watch;
  Context context(watch.world(true), {});
  {
    ProgressView view(context, watch.clock());
    view.update(at(0, 0));
    watch.now += std::chrono::milliseconds(50);
    view.update(at(500, 50'000));  // too soon: nothing is drawn
    watch.now += std::chrono::milliseconds(1950);
    view.update(at(10'000, 1'000'000));
  }
  EXPECT_EQ(watch.err.str(),
            "\raccounts: loading  0 rows, 0 rows/s\x1b[K"
            "\raccounts: loading  10,000 rows, 5,000 rows/s  500.0 kB/s  25 %  0:06 left\x1b[K"
            "\r\x1b[K");
}

TEST(Progress, AResumedStepCountsItsSpeedFromWhereItBegan) {
  Watch watch;
  Context context(watch.world(true), {});
  ProgressView view(context, watch.clock());
  view.update(at(20'000, 2'000'000));
  watch.now += std::chrono::seconds(1);
  view.update(at(30'000, 3'000'000));
  EXPECT_NE(watch.err.str().find("10,000 rows/s  1.0 MB/s  75 %  0:01 left"), std::string::npos) << watch.err.str();
}

TEST(Progress, ALogGetsPlainLinesNowAndThen) {
  Watch watch;
  Context context(watch.world(false), {});
  ProgressView view(context, watch.clock());
  for (int i = 0; i <= 25; ++i) {
    view.update(at(i * 1000, i * 100'000));
    watch.now += std::chrono::seconds(1);
  }
  const std::string log = watch.err.str();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 2);
  EXPECT_EQ(log.find('\x1b'), std::string::npos);
}

TEST(Progress, MachinesGetObjectsAndQuietGetsNothing) {
  Watch watch;
  GlobalOptions json, quiet;
  json.json = true, quiet.quiet = true;
  Context machine(watch.world(true), json);
  ProgressView(machine, watch.clock()).update(at(5, 10));
  EXPECT_EQ(watch.err.str(), "{\"progress\":\"accounts\",\"what\":\"loading\",\"rows\":5,\"rows_per_second\":0,\"bytes\":10,\"bytes_expected\":4000000,\"set_aside\":0}\n");
  watch.err.str("");
  Context silent(watch.world(true), quiet);
  ProgressView(silent, watch.clock()).update(at(5, 10));
  EXPECT_EQ(watch.err.str(), "");
}

}  // namespace
}  // namespace godwit::cli
