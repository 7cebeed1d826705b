#include "core/cli/object_source.hpp"

#include <nlohmann/json.hpp>

#include "core/cli/json.hpp"

namespace godwit::cli {
namespace {

Result<std::map<std::string, std::string>> settings_of(const std::vector<std::string>& given) {
  std::map<std::string, std::string> out;
  for (const std::string& setting : given) {
    const std::size_t equals = setting.find('=');
    if (equals == 0 || equals == std::string::npos) return fail(2312, {{"seen", setting}});
    out[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return out;
}

// The object asked for, or the only one there is.
Result<std::string> choose(Connection& connection, const ObjectRequest& request) {
  if (!request.object.empty()) return request.object;
  GW_ASSIGN(const ConnectionFacts facts, connection.check());
  if (facts.objects.size() == 1) return facts.objects.front();
  std::string known;
  for (std::size_t i = 0; i < facts.objects.size() && i < 30; ++i) known += (i == 0 ? "" : ", ") + facts.objects[i];
  if (facts.objects.size() > 30) known += " …";
  return fail(2311, {{"place", request.what}, {"known", known.empty() ? "-" : known}});
}

Result<ObjectSource> open_file(Context& context, const ObjectRequest& request, std::string connector, std::map<std::string, std::string> settings) {
  Host& host = context.host();
  if (connector.empty()) connector = host.connector_for_file(request.what);
  if (connector.empty()) {
    std::string known;
    for (const ConnectorListing& c : host.list()) {
      const auto manifest = Json::parse(c.manifest);
      const Json* extensions = manifest ? manifest->find("extensions") : nullptr;
      if (extensions == nullptr) continue;
      for (const auto& [none, extension] : extensions->items()) known += (known.empty() ? "" : " ") + extension.text();
    }
    return fail(3033, {{"seen", request.what}, {"known", known.empty() ? "-" : known}});
  }
  nlohmann::json given{{"@folder", context.world().folder.string()}};
  for (const auto& [name, value] : settings) given[name] = value;
  if (!given.contains("path")) given["path"] = request.what;
  ObjectSource out;
  GW_ASSIGN(out.connection, host.open(connector, given));
  GW_ASSIGN(out.object, choose(*out.connection, request));
  out.shown = request.object.empty() ? request.what : request.what + ":" + request.object;
  return out;
}

}  // namespace

Result<ObjectSource> open_source(Context& context, const ObjectRequest& request) {
  GW_ASSIGN(auto settings, settings_of(request.settings));
  std::error_code ignored;
  const bool there = std::filesystem::exists(context.path(request.what), ignored);
  if (there || !request.connector.empty()) return open_file(context, request, request.connector, std::move(settings));

  // connection.object: the connection's name has no dot, an object's may.
  const std::size_t dot = request.what.find('.');
  const std::string name = request.what.substr(0, dot);
  if (context.has_project()) {
    GW_ASSIGN(const Project* project, context.project(false));
    if (project->connection(name) != nullptr) {
      ObjectRequest inner = request;
      if (dot != std::string::npos) inner.object = request.what.substr(dot + 1);
      ObjectSource out;
      GW_ASSIGN(out.connection, context.connect(name, settings));
      GW_ASSIGN(out.object, choose(*out.connection, inner));
      out.shown = name + "." + out.object;
      return out;
    }
  }
  return fail(2310, {{"seen", request.what}});
}

}  // namespace godwit::cli
