#include "core/sample/words.hpp"

#include <array>
#include <string_view>

namespace godwit::sample {
namespace {

struct Name {
  const char* written;
  const char* ascii;
};

constexpr Name kChineseFamilies[] = {
    {"王", "wang"}, {"李", "li"},    {"张", "zhang"}, {"刘", "liu"},      {"陈", "chen"},   {"杨", "yang"},
    {"赵", "zhao"}, {"黄", "huang"}, {"周", "zhou"},  {"吴", "wu"},       {"徐", "xu"},     {"孙", "sun"},
    {"胡", "hu"},   {"朱", "zhu"},   {"高", "gao"},   {"林", "lin"},      {"何", "he"},     {"郭", "guo"},
    {"马", "ma"},   {"罗", "luo"},   {"梁", "liang"}, {"宋", "song"},     {"郑", "zheng"},  {"谢", "xie"},
    {"韩", "han"},  {"唐", "tang"},  {"冯", "feng"},  {"欧阳", "ouyang"}, {"司徒", "situ"}, {"诸葛", "zhuge"},
    {"闫", "yan"},  {"龚", "gong"}};
constexpr Name kChineseGivens[] = {
    {"伟", "wei"},      {"芳", "fang"},     {"娜", "na"},        {"敏", "min"},       {"静", "jing"},
    {"丽", "li"},       {"强", "qiang"},    {"磊", "lei"},       {"军", "jun"},       {"洋", "yang"},
    {"勇", "yong"},     {"艳", "yan"},      {"杰", "jie"},       {"娟", "juan"},      {"涛", "tao"},
    {"明", "ming"},     {"超", "chao"},     {"秀英", "xiuying"}, {"建国", "jianguo"}, {"晓东", "xiaodong"},
    {"雨桐", "yutong"}, {"子轩", "zixuan"}, {"思远", "siyuan"},  {"佳怡", "jiayi"},   {"浩然", "haoran"},
    {"梓涵", "zihan"},  {"若曦", "ruoxi"},  {"文博", "wenbo"},   {"海燕", "haiyan"},  {"志强", "zhiqiang"},
    {"㛃", "jie"},      {"喆", "zhe"},      {"玥", "yue"}};
constexpr Name kGermanFamilies[] = {{"Albers", "albers"},      {"Böttcher", "boettcher"},
                                    {"Claußen", "claussen"},   {"Dörner", "doerner"},
                                    {"Ehlers", "ehlers"},      {"Faßbinder", "fassbinder"},
                                    {"Großmann", "grossmann"}, {"Hänsel", "haensel"},
                                    {"Jürgens", "juergens"},   {"Köhler", "koehler"},
                                    {"Lüdemann", "luedemann"}, {"Möller", "moeller"},
                                    {"Nöthen", "noethen"},     {"Oppermann", "oppermann"},
                                    {"Petersen", "petersen"},  {"Röhrig", "roehrig"},
                                    {"Schütte", "schuette"},   {"Theißen", "theissen"},
                                    {"Überall", "ueberall"},   {"Vogelsang", "vogelsang"},
                                    {"Weiß", "weiss"},         {"von der Heide", "vonderheide"},
                                    {"Zöllner", "zoellner"},   {"Meyer-Lüdenscheid", "meyer-luedenscheid"}};
constexpr Name kGermanGivens[] = {
    {"Anke", "anke"},     {"Björn", "bjoern"},     {"Christa", "christa"}, {"Dirk", "dirk"},   {"Elke", "elke"},
    {"Frauke", "frauke"}, {"Günter", "guenter"},   {"Heike", "heike"},     {"Ingo", "ingo"},   {"Jörg", "joerg"},
    {"Käthe", "kaethe"},  {"Lutz", "lutz"},        {"Maike", "maike"},     {"Nils", "nils"},   {"Ömer", "oemer"},
    {"Petra", "petra"},   {"Rüdiger", "ruediger"}, {"Sönke", "soenke"},    {"Tjark", "tjark"}, {"Ursula", "ursula"},
    {"Volker", "volker"}, {"Wiebke", "wiebke"}};
constexpr Name kJapaneseFamilies[] = {
    {"佐藤", "sato"},    {"鈴木", "suzuki"},   {"高橋", "takahashi"}, {"田中", "tanaka"},    {"渡邊", "watanabe"},
    {"伊藤", "ito"},     {"山本", "yamamoto"}, {"中村", "nakamura"},  {"小林", "kobayashi"}, {"加藤", "kato"},
    {"吉田", "yoshida"}, {"山田", "yamada"},   {"髙木", "takagi"},    {"齋藤", "saito"},     {"清水", "shimizu"}};
constexpr Name kJapaneseGivens[] = {{"陽子", "yoko"},    {"さくら", "sakura"}, {"健太", "kenta"},     {"直樹", "naoki"},
                                    {"美咲", "misaki"},  {"翔", "sho"},        {"ひろし", "hiroshi"}, {"ユミ", "yumi"},
                                    {"大輔", "daisuke"}, {"由美子", "yumiko"}, {"誠", "makoto"}};
constexpr Name kBritishFamilies[] = {{"Ashdown", "ashdown"}, {"Brackley", "brackley"}, {"Corby", "corby"},
                                     {"Dunmore", "dunmore"}, {"Elsworth", "elsworth"}, {"O'Farrow", "ofarrow"},
                                     {"Greaves", "greaves"}, {"Holloway", "holloway"}};
constexpr Name kBritishGivens[] = {{"Amelia", "amelia"}, {"Zoë", "zoe"},      {"Callum", "callum"},
                                   {"Daphne", "daphne"}, {"Ewan", "ewan"},    {"Fiona", "fiona"},
                                   {"Gareth", "gareth"}, {"Hattie", "hattie"}};

constexpr Name kChineseFirms[] = {
    {"海港", "haigang"}, {"远洋", "yuanyang"}, {"金帆", "jinfan"}, {"蓝湾", "lanwan"},      {"东岸", "dongan"},
    {"鸿运", "hongyun"}, {"四海", "sihai"},    {"丰泽", "fengze"}, {"瑞锦", "ruijin"},      {"天澜", "tianlan"},
    {"合众", "hezhong"}, {"百川", "baichuan"}, {"星途", "xingtu"}, {"汇通达", "huitongda"}, {"昇隆", "shenglong"}};
constexpr Name kChineseTrades[] = {{"贸易", "maoyi"},         {"物流", "wuliu"},      {"国际货运代理", "huoyun"},
                                   {"食品", "shipin"},        {"机电设备", "jidian"}, {"纺织", "fangzhi"},
                                   {"包装材料", "baozhuang"}, {"化工", "huagong"}};
constexpr const char* kChineseForms[] = {"有限公司", "有限责任公司", "股份有限公司", "（集团）有限公司", "有限公司"};
constexpr Name kGermanFirms[] = {{"Nordkai", "nordkai"},
                                 {"Elbstrom", "elbstrom"},
                                 {"Möwe", "moewe"},
                                 {"Hansekontor", "hansekontor"},
                                 {"Brückner & Söhne", "brueckner-soehne"},
                                 {"Weserland", "weserland"},
                                 {"Süderhafen", "suederhafen"},
                                 {"Fördeblick", "foerdeblick"},
                                 {"Kranich", "kranich"},
                                 {"Gebr. Lührs", "luehrs"},
                                 {"Speicher 12", "speicher12"}};
constexpr Name kGermanTrades[] = {
    {"Handel", "handel"},        {"Spedition", "spedition"},     {"Maschinenbau", "maschinenbau"},
    {"Feinkost", "feinkost"},    {"Schifffahrt", "schifffahrt"}, {"Großhandel", "grosshandel"},
    {"Verpackung", "verpackung"}};
constexpr const char* kGermanForms[] = {"GmbH", "GmbH & Co. KG", "AG", "e. K.", "OHG", "GmbH"};
constexpr Name kJapaneseFirms[] = {{"港北", "kohoku"},     {"青海波", "seigaiha"}, {"ミナト", "minato"},
                                   {"桜丸", "sakuramaru"}, {"日和", "hiyori"},     {"潮見", "shiomi"}};
constexpr Name kJapaneseTrades[] = {
    {"商事", "shoji"}, {"運輸", "unyu"}, {"貿易", "boeki"}, {"食品工業", "shokuhin"}, {"テクノ", "techno"}};
constexpr Name kBritishFirms[] = {
    {"Saltmarsh", "saltmarsh"}, {"Tideway", "tideway"}, {"Curlew & Finch", "curlewfinch"}, {"Northquay", "northquay"}};
constexpr Name kBritishTrades[] = {
    {"Shipping", "shipping"}, {"Provisions", "provisions"}, {"Trading", "trading"}, {"Freight", "freight"}};
constexpr const char* kBritishForms[] = {"Ltd", "plc", "LLP", "Limited"};

struct Town {
  const char* name;
  const char* postcode;
  const char* area;  // telephone
};
constexpr Town kChineseTowns[] = {{"上海市", "200120", "21"},  {"宁波市", "315000", "574"}, {"深圳市", "518000", "755"},
                                  {"青岛市", "266000", "532"}, {"厦门市", "361000", "592"}, {"天津市", "300450", "22"},
                                  {"广州市", "510000", "20"},  {"大连市", "116000", "411"}};
constexpr Town kGermanTowns[] = {{"Hamburg", "20457", "40"}, {"Bremen", "28195", "421"}, {"Lübeck", "23552", "451"},
                                 {"Kiel", "24103", "431"},   {"Köln", "50667", "221"},   {"München", "80331", "89"},
                                 {"Rostock", "18055", "381"}};
constexpr Town kJapaneseTowns[] = {{"横浜市", "231-0023", "45"},
                                   {"神戸市", "650-0042", "78"},
                                   {"東京都港区", "108-0022", "3"},
                                   {"大阪市", "559-0034", "6"}};
constexpr Town kBritishTowns[] = {
    {"Liverpool", "L3 4AF", "151"}, {"Felixstowe", "IP11 3SY", "1394"}, {"Hull", "HU9 1XY", "1482"}};
constexpr const char* kChineseStreets[] = {"浦东大道{}号", "港城路{}号", "中山东路{}号3楼", "滨海二路{}号",
                                           "人民路{}号"};
constexpr const char* kGermanStreets[] = {"Am Sandtorkai {}", "Große Straße {}", "Hafenstraße {}", "Kaiserstr. {}",
                                          "Überseeallee {}"};
constexpr const char* kJapaneseStreets[] = {"海岸通{}丁目", "港町{}番地", "南本牧{}", "芝浦{}丁目"};
constexpr const char* kBritishStreets[] = {"{} Dock Road", "{} Quay Street", "Unit {}, Wharf Lane"};

constexpr const char* kChineseRemarks[] = {"老客户，月结60天",   "新客户，需预付",     "价格敏感",
                                           "由展会获得，请跟进", "发票抬头与名称不同", "仅用微信联系"};
constexpr const char* kGermanRemarks[] = {"Stammkunde, zahlt mit Skonto", "Lieferung nur frei Haus",
                                          "Rechnung per Post", "Messekontakt, bitte nachfassen",
                                          "früher Kunde der Filiale Süd"};
constexpr const char* kJapaneseRemarks[] = {"長年の取引先、月末締め", "請求書は郵送", "紹介による新規",
                                            "担当者変更あり"};
constexpr const char* kBritishRemarks[] = {"pays late, then in full", "met at the trade fair", "prefers e-mail",
                                           "ask for a purchase order"};
constexpr const char* kChineseSubjects[] = {"报价跟进", "合同续签", "到货确认", "投诉处理", "年度回访", "样品寄送"};
constexpr const char* kGermanSubjects[] = {"Angebot nachfassen", "Rückruf vereinbart", "Reklamation",
                                           "Jahresgespräch",     "Muster versandt",    "Verlängerung"};
constexpr const char* kJapaneseSubjects[] = {"見積もり確認", "納期の相談", "年次訪問", "サンプル送付"};
constexpr const char* kBritishSubjects[] = {"Quote follow-up", "Complaint", "Annual review", "Sample sent"};
constexpr const char* kChineseJobs[] = {"采购经理", "总经理", "财务主管", "物流专员", "销售代表"};
constexpr const char* kGermanJobs[] = {"Einkäufer", "Geschäftsführerin", "Leiter Logistik", "Buchhaltung", "Prokurist"};
constexpr const char* kJapaneseJobs[] = {"課長", "部長", "購買担当", "営業主任"};
constexpr const char* kBritishJobs[] = {"Buyer", "Managing Director", "Freight Clerk", "Accounts"};

constexpr const char* kChina[] = {"CN", "CN", "中国", "China", "CHN"};
constexpr const char* kGermany[] = {"DE", "DE", "Deutschland", "Germany", "DEU"};
constexpr const char* kJapan[] = {"JP", "日本", "Japan", "JPN"};
constexpr const char* kBritain[] = {"GB", "United Kingdom", "GBR"};

std::string with_number(std::string_view pattern, std::int64_t number) {
  std::string out(pattern);
  out.replace(out.find("{}"), 2, std::to_string(number));
  return out;
}

std::string digits(Random& random, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += static_cast<char>('0' + random.below(10));
  return out;
}

}  // namespace

Person person(Land land, Random& random) {
  Person out;
  const auto take = [&](const Name& family, const Name& given) {
    out.family = family.written, out.given = given.written;
    out.ascii = std::string(given.ascii) + "." + family.ascii;
  };
  switch (land) {
    case Land::china:
      take(random.pick(kChineseFamilies), random.pick(kChineseGivens));
      out.full = out.family + out.given;
      break;
    case Land::germany:
      take(random.pick(kGermanFamilies), random.pick(kGermanGivens));
      out.full = random.chance(300'000) ? out.family + ", " + out.given : out.given + " " + out.family;
      break;
    case Land::japan:
      take(random.pick(kJapaneseFamilies), random.pick(kJapaneseGivens));
      out.full = out.family + "　" + out.given;
      break;
    case Land::britain:
      take(random.pick(kBritishFamilies), random.pick(kBritishGivens));
      out.full = out.given + " " + out.family;
      break;
  }
  return out;
}

Firm firm(Land land, Random& random) {
  switch (land) {
    case Land::china: {
      const Town& town = random.pick(kChineseTowns);
      const Name &name = random.pick(kChineseFirms), &trade = random.pick(kChineseTrades);
      return {std::string(town.name) + name.written + trade.written + random.pick(kChineseForms),
              std::string(name.ascii) + trade.ascii + ".example"};
    }
    case Land::germany: {
      const Name &name = random.pick(kGermanFirms), &trade = random.pick(kGermanTrades);
      return {std::string(name.written) + " " + trade.written + " " + random.pick(kGermanForms),
              std::string(name.ascii) + "-" + trade.ascii + ".example"};
    }
    case Land::japan: {
      const Name &name = random.pick(kJapaneseFirms), &trade = random.pick(kJapaneseTrades);
      const std::string core = std::string(name.written) + trade.written;
      return {random.chance(600'000) ? "株式会社" + core : core + "株式会社",
              std::string(name.ascii) + trade.ascii + ".example"};
    }
    case Land::britain:
      break;
  }
  const Name &name = random.pick(kBritishFirms), &trade = random.pick(kBritishTrades);
  return {std::string(name.written) + " " + trade.written + " " + random.pick(kBritishForms),
          std::string(name.ascii) + trade.ascii + ".example"};
}

Place place(Land land, Random& random) {
  const auto at = [&](const Town& town, const char* street) {
    return Place{town.name, with_number(street, 1 + random.below(180)), town.postcode};
  };
  switch (land) {
    case Land::china: {
      const Town& town = random.pick(kChineseTowns);
      return at(town, random.pick(kChineseStreets));
    }
    case Land::germany: {
      const Town& town = random.pick(kGermanTowns);
      return at(town, random.pick(kGermanStreets));
    }
    case Land::japan: {
      const Town& town = random.pick(kJapaneseTowns);
      return at(town, random.pick(kJapaneseStreets));
    }
    case Land::britain:
      break;
  }
  const Town& town = random.pick(kBritishTowns);
  return at(town, random.pick(kBritishStreets));
}

std::string telephone(Land land, Random& random) {
  switch (land) {
    case Land::china: {
      const std::string area = random.pick(kChineseTowns).area, number = digits(random, 8);
      const std::int64_t style = random.below(3);
      if (style == 0) return "+86 " + area + " " + number;
      if (style == 1) return "0" + area + "-" + number;
      return "1" + std::string(1, static_cast<char>('3' + random.below(6))) + digits(random, 9);
    }
    case Land::germany: {
      const std::string area = random.pick(kGermanTowns).area, number = digits(random, 7);
      const std::int64_t style = random.below(3);
      if (style == 0) return "+49 (0)" + area + " / " + number;
      if (style == 1) return "0" + area + "-" + number;
      return "0049 " + area + " " + number.substr(0, 3) + " " + number.substr(3);
    }
    case Land::japan:
      return "0" + std::string(random.pick(kJapaneseTowns).area) + "-" + digits(random, 4) + "-" + digits(random, 4);
    case Land::britain:
      break;
  }
  return "+44 " + std::string(random.pick(kBritishTowns).area) + " " + digits(random, 6);
}

namespace {

template <std::size_t A, std::size_t B, std::size_t C, std::size_t D>
const char* of_land(Land land, Random& random, const char* const (&china)[A], const char* const (&germany)[B],
                    const char* const (&japan)[C], const char* const (&britain)[D]) {
  switch (land) {
    case Land::china:
      return random.pick(china);
    case Land::germany:
      return random.pick(germany);
    case Land::japan:
      return random.pick(japan);
    case Land::britain:
      break;
  }
  return random.pick(britain);
}

}  // namespace

std::string remark(Land land, Random& random, bool rich) {
  std::string out = of_land(land, random, kChineseRemarks, kGermanRemarks, kJapaneseRemarks, kBritishRemarks);
  if (rich && random.chance(250'000))
    out +=
        "\n" + std::string(of_land(land, random, kChineseRemarks, kGermanRemarks, kJapaneseRemarks, kBritishRemarks));
  if (rich && random.chance(100'000)) out = "\"" + out + "\", " + std::to_string(random.below(90) + 10);
  return out;
}

std::string subject(Land land, Random& random) {
  return of_land(land, random, kChineseSubjects, kGermanSubjects, kJapaneseSubjects, kBritishSubjects);
}

std::string job(Land land, Random& random) {
  return of_land(land, random, kChineseJobs, kGermanJobs, kJapaneseJobs, kBritishJobs);
}

const char* country_word(Land land, Random& random) {
  return of_land(land, random, kChina, kGermany, kJapan, kBritain);
}

const char* currency(Land land) {
  constexpr std::array kCurrencies{"CNY", "EUR", "JPY", "GBP"};
  return kCurrencies[static_cast<std::size_t>(land)];
}

const char* language(Land land) {
  constexpr std::array kLanguages{"zh", "de", "ja", "en"};
  return kLanguages[static_cast<std::size_t>(land)];
}

}  // namespace godwit::sample
