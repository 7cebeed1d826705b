// Names of countries as addresses and old systems write them. No word stands here that could mean two countries:
// Korea, Congo and Guinea alone, for one.

#include "core/expr/functions/country.hpp"

namespace godwit::fn {

const CountryAlias kCountryAliases[] = {
    {"AE", "UAE|U.A.E.|VAE|Emirates|Emirate|阿联酋|阿聯酋|アラブ首長国連邦|Vereinigte Arabische Emirate"},
    {"AT", "Republik Österreich|Republic of Austria|Oesterreich|奥国"},
    {"AU", "Commonwealth of Australia|澳洲"},
    {"AZ", "Aserbeidschan"},
    {"BA", "Bosnia|Bosnia-Herzegovina|Bosnia and Herzegovina|Bosnien|Bosnien-Herzegowina|波黑"},
    {"BN", "Brunei Darussalam"},
    {"BO", "Bolivia, Plurinational State of|Plurinational State of Bolivia"},
    {"BQ", "Bonaire, Sint Eustatius and Saba"},
    {"BY", "Belorussia|Byelorussia|Weissrussland|Weißrussland|白俄罗斯|白俄羅斯"},
    {"CC", "Cocos Islands|Keeling Islands"},
    {"CD",
     "DR Congo|DRC|D.R. Congo|Democratic Republic of the Congo|Democratic Republic of Congo|"
     "Congo, The Democratic Republic of the|Congo, Democratic Republic of the|Demokratische Republik Kongo|DR "
     "Kongo|Zaire|"
     "刚果民主共和国|刚果（金）|コンゴ民主共和国"},
    {"CG",
     "Republic of the Congo|Republic of Congo|Congo, Republic of the|Republik "
     "Kongo|刚果共和国|刚果（布）|コンゴ共和国"},
    {"CH", "Swiss Confederation|Schweizerische Eidgenossenschaft|Helvetia|Confoederatio Helvetica"},
    {"CI", "Ivory Coast|Elfenbeinküste|Cote d'Ivoire|科特迪瓦|象牙海岸"},
    {"CN",
     "PRC|P.R.C.|PR China|P.R. China|China PR|China, PR|Peoples Republic of China|People's Republic of China|"
     "The People's Republic of China|Mainland China|China Mainland|China (Mainland)|VR China|V.R. China|"
     "Volksrepublik "
     "China|中国|中國|中华人民共和国|中華人民共和國|中国大陆|中國大陸|中华人民共和國|大陆|中華人民共和国|中国本土"},
    {"CV", "Cabo Verde|Kapverden"},
    {"CZ", "Czech Republic|Ceska republika|Tschechische Republik|捷克|捷克共和国|チェコ共和国"},
    {"DE",
     "Federal Republic of Germany|Bundesrepublik Deutschland|BRD|B.R.D.|FRG|BR Deutschland|德国|德國|德意志|"
     "德意志联邦共和国|ドイツ連邦共和国|独逸"},
    {"DK", "Kingdom of Denmark|Königreich Dänemark"},
    {"ES", "Kingdom of Spain|Königreich Spanien"},
    {"FK", "Falkland Islands (Malvinas)|Falklandinseln|Islas Malvinas"},
    {"FM", "Micronesia, Federated States of|Federated States of Micronesia"},
    {"FR", "French Republic|République française|Republique Francaise|Französische Republik|法国|法國"},
    {"GB",
     "UK|U.K.|Great Britain|Britain|United Kingdom of Great Britain and Northern Ireland|GB-UK|England|Scotland|Wales|"
     "Northern Ireland|Grossbritannien|Großbritannien|Vereinigtes Königreich|Schottland|Nordirland|英国|英國|大不列颠|"
     "英格兰|苏格兰|イギリス|英国本土|イングランド|スコットランド"},
    {"GM", "The Gambia|Republic of the Gambia"},
    {"GR", "EL|Hellas|Hellenic Republic"},
    {"GS", "South Georgia and the South Sandwich Islands"},
    {"HK",
     "Hongkong|Hong Kong|Hong Kong SAR|HKSAR|H.K.|Hong Kong, China|China, Hong Kong|China Hong "
     "Kong|香港|中国香港|中國香港|香港特别行政区|香港特別行政區"},
    {"HM", "Heard Island and McDonald Islands"},
    {"IE", "Republic of Ireland|Eire|Éire|Republik Irland"},
    {"IL", "State of Israel"},
    {"IN", "Republic of India|Bharat"},
    {"IR", "Iran, Islamic Republic of|Islamic Republic of Iran|Islamische Republik Iran|Persien"},
    {"IT", "Italian Republic|Repubblica Italiana|意大利|義大利"},
    {"JP", "Nippon|Nihon|日本国|日本國"},
    {"KG", "Kirgisien|Kirgisistan"},
    {"KN", "Saint Kitts and Nevis"},
    {"KP",
     "DPRK|D.P.R.K.|North Korea|Korea, Democratic People's Republic of|Democratic People's Republic of Korea|Korea "
     "(North)|"
     "Korea, North|Nordkorea|朝鲜|北朝鲜|北朝鮮|朝鮮民主主義人民共和国"},
    {"KR",
     "ROK|R.O.K.|South Korea|Republic of Korea|Korea, Republic of|Korea, Rep. of|Korea (South)|Korea, South|Südkorea|"
     "Suedkorea|Republik Korea|韩国|韓國|韓国|大韩民国|大韓民國|大韓民国|한국"},
    {"LA", "Lao People's Democratic Republic|Lao PDR"},
    {"LY", "Libyan Arab Jamahiriya|Libyen"},
    {"MD", "Moldova, Republic of|Republic of Moldova|Moldawien|Republik Moldau"},
    {"MF", "Saint Martin (French part)"},
    {"MK",
     "Macedonia|North Macedonia|FYROM|Republic of Macedonia|Macedonia, the former Yugoslav Republic "
     "of|Mazedonien|马其顿|北马其顿"},
    {"MM", "Burma|Birma|缅甸"},
    {"MO", "Macao|Macau|Macao SAR|Macau SAR|澳门|澳門|中国澳门|中國澳門|澳门特别行政区|澳門特別行政區"},
    {"NL",
     "The Netherlands|Netherlands, The|Holland|Kingdom of the Netherlands|Niederlande|Die "
     "Niederlande|荷兰|荷蘭|オランダ王国"},
    {"NZ", "Aotearoa|纽西兰|紐西蘭"},
    {"PL", "Republic of Poland|Republik Polen"},
    {"PN", "Pitcairn"},
    {"PS", "Palestine|Palestine, State of|State of Palestine|Palästina"},
    {"PT", "Portuguese Republic"},
    {"RU", "Russian Federation|Russische Föderation|Rossija|俄罗斯|俄国|俄羅斯|俄罗斯联邦|ロシア連邦"},
    {"SA", "Kingdom of Saudi Arabia|KSA|沙特"},
    {"SG", "Republic of Singapore|新加坡共和国"},
    {"SH", "Saint Helena, Ascension and Tristan da Cunha|St. Helena"},
    {"SK", "Slovak Republic|Slowakische Republik"},
    {"ST", "Sao Tome and Principe"},
    {"SX", "Sint Maarten (Dutch part)"},
    {"SY", "Syrian Arab Republic|Syrien"},
    {"SZ", "Swaziland|Swasiland"},
    {"TC", "Turks and Caicos Islands"},
    {"TL", "East Timor|Timor Leste|Osttimor"},
    {"TR", "Turkey|Türkiye|Turkiye|Republic of Turkey|土耳其"},
    {"TT", "Trinidad"},
    {"TW",
     "Taiwan|Taiwan, Province of China|Taiwan, Republic of China|Taiwan R.O.C.|Taiwan (R.O.C.)|Republic of "
     "China|R.O.C.|"
     "Chinese Taipei|台湾|台灣|臺灣|中国台湾|中國台灣|中華民國|台湾省"},
    {"TZ", "Tanzania, United Republic of|United Republic of Tanzania|Tansania"},
    {"UA", "Ukraine, the|The Ukraine"},
    {"US",
     "USA|U.S.A.|U.S.|United States of America|The United States|The United States of America|America|Vereinigte "
     "Staaten von Amerika|"
     "USA (United States)|美国|美國|美利坚|美利坚合众国|米国|アメリカ|アメリカ合衆国|亜米利加"},
    {"VA", "Holy See|Holy See (Vatican City State)|Vatican|Vatican City|Vatikan|Vatikanstadt"},
    {"VC", "Saint Vincent and the Grenadines"},
    {"VE", "Venezuela, Bolivarian Republic of|Bolivarian Republic of Venezuela"},
    {"VG", "Virgin Islands, British|British Virgin Islands"},
    {"VI", "Virgin Islands, U.S.|US Virgin Islands|U.S. Virgin Islands"},
    {"VN", "Viet Nam|Socialist Republic of Vietnam|越南|ベトナム社会主義共和国"},
    {"ZA", "RSA|Republic of South Africa|Republik Südafrika"},
};
const int kCountryAliasCount = static_cast<int>(sizeof kCountryAliases / sizeof kCountryAliases[0]);

}  // namespace godwit::fn
