/* A connector in C that answers nonsense: the setting "mode" says where. Any other mode answers well: one
 * column "n" of two integers, and units of two rows. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/abi/godwit_abi.h"

struct gw_connection {
  char mode[64];
};
struct gw_reader {
  gw_connection* connection;
};
struct gw_writer {
  gw_connection* connection;
};

static int is(const gw_connection* c, const char* mode) { return strcmp(c->mode, mode) == 0; }

static void say(gw_text* out, const char* text) {
  out->data = text, out->size = strlen(text), out->private_data = 0, out->release = 0;
}

static int32_t refuse(gw_error* error, int32_t kind, int32_t number, const char* json) {
  error->kind = kind, error->number = number;
  say(&error->json, json);
  return kind;
}

static int32_t open_connection(const gw_host* host, gw_str settings, gw_connection** out, gw_error* error) {
  char text[256] = {0};
  memcpy(text, settings.data, settings.size < 255 ? settings.size : 255);
  const char* from = strstr(text, "\"mode\":\"");
  gw_connection* c = calloc(1, sizeof *c);
  if (from != 0) {
    from += 8;
    memcpy(c->mode, from, strcspn(from, "\""));
  }
  *out = c;
  (void)host;
  int32_t code = 0;
  if (is(c, "open: silent")) code = 3;
  if (is(c, "open: no json")) code = refuse(error, GW_DENIED, 0, "password wrong");
  if (is(c, "open: unknown number")) code = refuse(error, 99, 9876, "{\"seen\": 5, \"place\": \"here\"}");
  if (is(c, "open: null") || code != 0) {
    free(c);
    *out = 0;
  }
  return code;
}
static void close_connection(gw_connection* c) { free(c); }

static int32_t check(gw_connection* c, gw_text* out, gw_error* error) {
  (void)error;
  say(out, is(c, "check: no json") ? "certainly" : is(c, "check: no identity") ? "{\"objects\": []}" : "{\"identity\": \"x\", \"objects\": [\"o\"]}");
  if (is(c, "check: null")) say(out, ""), out->data = 0;
  return 0;
}
static int32_t describe(gw_connection* c, gw_str object, gw_text* out, gw_error* error) {
  (void)object, (void)error;
  say(out, is(c, "describe: type") ? "{\"object\": \"o\", \"fields\": [{\"name\": \"n\", \"type\": \"quaternion\"}]}"
           : is(c, "describe: fields") ? "{\"object\": \"o\", \"fields\": 7}"
                                       : "{\"object\": \"o\", \"fields\": [{\"name\": \"n\", \"type\": \"integer\"}]}");
  return 0;
}
static int32_t splits(gw_connection* c, gw_str object, int32_t wanted, gw_text* out, gw_error* error) {
  (void)object, (void)wanted, (void)error;
  say(out, is(c, "splits: none") ? "[]" : is(c, "splits: numbers") ? "[1, 2]" : "[\"\"]");
  return 0;
}
static int32_t open_reader(gw_connection* c, gw_str request, gw_reader** out, gw_error* error) {
  (void)request, (void)error;
  if (is(c, "open_reader: null")) return 0;
  *out = calloc(1, sizeof **out);
  (*out)->connection = c;
  return 0;
}
static int32_t open_writer(gw_connection* c, gw_str request, gw_writer** out, gw_error* error) {
  (void)request, (void)error;
  if (is(c, "open_writer: null")) return 0;
  *out = calloc(1, sizeof **out);
  (*out)->connection = c;
  return 0;
}

/* ---- schema and batches out of static memory ---- */
static void release_schema(struct ArrowSchema* s) { s->release = 0; }
static void release_array(struct ArrowArray* a) { a->release = 0; }

static int32_t schema(gw_reader* r, struct ArrowSchema* out, gw_error* error) {
  static struct ArrowSchema n = {"l", "n", 0, 2, 0, 0, 0, release_schema, 0}, place = {"l", "@place", 0, 0, 0, 0, 0, release_schema, 0},
                            odd = {"+m", "n", 0, 2, 0, 0, 0, release_schema, 0};
  static struct ArrowSchema *both[] = {&n, &place}, *odds[] = {&odd, &place};
  (void)error;
  if (is(r->connection, "schema: empty")) return 0;
  memset(out, 0, sizeof *out);
  out->format = is(r->connection, "schema: no struct") ? "l" : "+s", out->name = "", out->release = release_schema;
  out->n_children = is(r->connection, "schema: no place") ? 1 : 2;
  out->children = is(r->connection, "schema: map") ? odds : both;
  return 0;
}

static const int64_t kTwo[] = {1, 2};
static const void* const kBuffers[] = {0, kTwo};
static const void* const kNoBuffers[] = {0, 0};
static const uint8_t kOne[] = {1};
static const void* const kWithNull[] = {kOne, kTwo};

static void fill(struct ArrowArray* out, struct ArrowArray* children, struct ArrowArray** pointers, int64_t n) {
  memset(out, 0, sizeof *out);
  for (int64_t i = 0; i < n; ++i) {
    memset(&children[i], 0, sizeof children[i]);
    children[i].length = 2, children[i].n_buffers = 2, children[i].buffers = (const void**)kBuffers, children[i].release = release_array;
    pointers[i] = &children[i];
  }
  out->length = 2, out->n_children = n, out->children = pointers, out->release = release_array;
}

static int32_t read_rows(gw_reader* r, gw_batch* out, gw_error* error) {
  static struct ArrowArray children[2];
  static struct ArrowArray* pointers[2];
  static const gw_unreadable unreadable = {5, 0, 9999, {"no json", 7}, {"raw", 3}};
  const gw_connection* c = r->connection;
  (void)error;
  if (is(c, "read: nothing")) return 0;
  fill(&out->columns, children, pointers, 2);
  out->end = 1, out->position.data = "2", out->position.size = 1;
  if (is(c, "read: one child")) out->columns.n_children = 1;
  if (is(c, "read: no children")) out->columns.children = 0;
  if (is(c, "read: null child")) pointers[1] = 0;
  if (is(c, "read: short child")) children[0].length = 1;
  if (is(c, "read: three buffers")) children[0].n_buffers = 3;
  if (is(c, "read: no buffers")) children[0].buffers = 0;
  if (is(c, "read: null values")) children[0].buffers = (const void**)kNoBuffers;
  if (is(c, "read: negative length")) out->columns.length = -1;
  if (is(c, "read: null place")) children[1].buffers = (const void**)kWithNull, children[1].null_count = 1;
  if (is(c, "read: unreadable null")) out->unreadable_count = 3;
  if (is(c, "read: unreadable unknown")) out->unreadable = &unreadable, out->unreadable_count = 1;
  return 0;
}
static void close_reader(gw_reader* r) { free(r); }

static int32_t prepare(gw_writer* w, gw_error* error) {
  if (is(w->connection, "prepare: refuses")) return refuse(error, GW_RETRY, 0, "{\"message\": \"busy\", \"@more\": [{\"number\": 3018, \"kind\": 6}, 7, {}]}");
  return 0;
}
static int32_t submit(gw_writer* w, const gw_unit* unit, gw_outcomes* out, gw_error* error) {
  static struct ArrowArray children[1];
  static struct ArrowArray* pointers[1];
  static const uint8_t bad_kinds[] = {1, 9}, refused[] = {1, 5};
  static const gw_refusal outside = {7, 3030, {"", 0}, {"", 0}, {"", 0}, {"", 0}}, unasked = {0, 3030, {"", 0}, {"", 0}, {"", 0}, {"", 0}};
  const gw_connection* c = w->connection;
  (void)unit, (void)error;
  if (is(c, "submit: nothing")) return 0;
  out->rows = 2, out->kind = GW_CREATED;
  if (is(c, "submit: too few")) out->rows = 1;
  if (is(c, "submit: kind 0")) out->kind = 0;
  if (is(c, "submit: kind 9")) out->kinds = bad_kinds;
  if (is(c, "submit: no reason")) out->kinds = refused;
  if (is(c, "submit: reasons null")) out->kinds = refused, out->refusal_count = 1;
  if (is(c, "submit: reason outside")) out->kinds = refused, out->refusals = &outside, out->refusal_count = 1;
  if (is(c, "submit: wrong reason")) out->kinds = refused, out->refusals = &unasked, out->refusal_count = 1;
  if (is(c, "submit: ids")) {
    fill(&out->ids, children, pointers, 1);
    out->ids.length = 1;
  }
  return 0;
}
static int32_t resolve(gw_writer* w, const gw_unit* unit, int32_t* resolution, gw_outcomes* out, gw_text* end, gw_text* note, gw_error* error) {
  (void)unit, (void)end, (void)note, (void)error;
  *resolution = is(w->connection, "resolve: 77") ? 77 : GW_DONE;
  out->rows = is(w->connection, "resolve: negative") ? -4 : 0;
  return 0;
}
static int32_t read_back(gw_writer* w, const struct ArrowArray* keys, struct ArrowArray* out, gw_error* error) {
  static struct ArrowArray children[2];
  static struct ArrowArray* pointers[2];
  (void)keys, (void)error;
  if (is(w->connection, "read_back: nothing")) return 0;
  fill(out, children, pointers, 2);
  if (is(w->connection, "read_back: short")) out->length = 1;
  if (is(w->connection, "read_back: found null")) children[1].buffers = (const void**)kWithNull, children[1].null_count = 1;
  return 0;
}
static int32_t last_unit(gw_writer* w, gw_str run, gw_str flow, int32_t shard, int64_t* number, gw_error* error) {
  (void)w, (void)run, (void)flow, (void)shard, (void)error;
  *number = 0;
  return 0;
}
static void close_writer(gw_writer* w) { free(w); }

static const gw_reader_api kReader = {sizeof(gw_reader_api), schema, read_rows, close_reader};
static const gw_writer_api kWriter = {sizeof(gw_writer_api), prepare, submit, resolve, read_back, last_unit, close_writer};
static const gw_connector_api kConnector = {sizeof(gw_connector_api), {"nonsense", 8}, {"{}", 2}, open_connection, close_connection, check,
                                            describe, splits, open_reader, open_writer, &kReader, &kWriter, 0};
static const gw_connector_api* const kConnectors[] = {&kConnector};
static const gw_plugin_api kPlugin = {sizeof(gw_plugin_api), GW_ABI_VERSION, 1, kConnectors};
__attribute__((visibility("default"))) const gw_plugin_api* godwit_plugin_v1(void);
const gw_plugin_api* godwit_plugin_v1(void) { return &kPlugin; }
