/* The boundary between the Godwit core and its plugins: C only, so that a library built by another
 * compiler or against another C++ runtime loads.
 *
 * Rules that hold for everything below:
 *  - Every table and every struct that crosses begins with its own size. Members are only ever
 *    appended; a reader of a struct looks at `struct_size` before it touches a later member.
 *  - Strings are pointer and length, UTF-8, not terminated. They are borrowed for the duration of the
 *    call, unless the comment says otherwise.
 *  - No exception and no C++ type crosses. A function answers 0 for success; anything else is a
 *    gw_error_kind and `error` (never null) was filled in.
 *  - Who allocates frees: whatever the plugin hands out carries a `release` that the core calls once.
 *  - One handle is used by one thread at a time; different handles run in parallel.
 *  - Batches are Arrow C Data structs (https://arrow.apache.org/docs/format/CDataInterface.html). */
#ifndef GODWIT_ABI_H
#define GODWIT_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GW_ABI_VERSION 1
#define GW_ENTRY_SYMBOL "godwit_plugin_v1"

/* ---- Arrow C Data interface, as its specification gives it ---- */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
#endif

typedef struct gw_str {
  const char* data;
  size_t size;
} gw_str;

/* A text that the plugin made. The core calls release(text) once it has copied it. */
typedef struct gw_text {
  const char* data;
  size_t size;
  void* private_data;
  void (*release)(struct gw_text* text);
} gw_text;

/* What the caller does next; see core/model/result.hpp. */
typedef enum gw_error_kind {
  GW_OK = 0,
  GW_RETRY = 1,        /* may work when tried again: lock, network, rate */
  GW_ROW_REJECTED = 2, /* this row is bad, the others go on */
  GW_BAD_CONFIG = 3,   /* settings, mapping or target do not fit: a person must act */
  GW_DENIED = 4,       /* signed out, no right, read-only */
  GW_BROKEN = 5,       /* cannot go on: corrupt file, disk full, our own mistake */
  GW_CANCELLED = 6     /* the host asked to stop */
} gw_error_kind;

/* Filled by the plugin on failure. `number` is a GW number of the catalogue, or 0 when the plugin has
 * none of its own; `json` is an object of named arguments for the message ("seen", "expected",
 * "place", "field", ...; all strings), with "message" as the plugin's own words. */
typedef struct gw_error {
  size_t struct_size;
  int32_t kind;
  int32_t number;
  gw_text json;
} gw_error;

/* ---- services of the host, valid as long as the process ---- */
typedef enum gw_log_level { GW_LOG_DEBUG = 0, GW_LOG_INFO = 1, GW_LOG_WARN = 2, GW_LOG_ERROR = 3 } gw_log_level;

/* A header of a call or of its answer. */
typedef struct gw_http_header {
  gw_str name;
  gw_str value;
} gw_http_header;

/* One HTTP call. In `url`, header values and, when `fill_body` is set, in the body, {{name}} stands for a value of the
 * client's session (docs/boundary.md, HTTP): it is filled in when the call is sent, and anew after a new sign-in. */
typedef struct gw_http_request {
  size_t struct_size;
  gw_str method;                 /* "GET", "POST" ... */
  gw_str url;                    /* absolute, or a path on the client's base */
  const gw_http_header* headers; /* added to the client's own; same name: instead of it */
  size_t header_count;
  gw_str body;                   /* copied by http_submit */
  gw_str body_file;              /* path: the body is streamed from this file instead; empty: none */
  gw_str save_to;                /* path: the body of a successful answer is streamed to this file; empty: into memory */
  gw_str endpoint;               /* class of call, as budgets and the request log name it */
  double cost;                   /* what it takes from budgets that count credits; 0 means 1 */
  int32_t repeatable;            /* not 0: may be sent again where nobody knows whether it was carried out; GET, HEAD and OPTIONS always may */
  int32_t fill_body;
} gw_http_request;

/* How a call ended, as the client's rules read it. */
typedef enum gw_http_verdict {
  GW_HTTP_OK = 0,        /* answered, and the success test holds */
  GW_HTTP_REFUSED = 1,   /* answered: an error that a repetition would meet again; the connector reads the body */
  GW_HTTP_LOST = 2,      /* it may have been carried out: no whole answer came, and it is not repeatable or was tried often enough */
  GW_HTTP_UNREACHED = 3, /* it was not carried out, and was tried often enough: busy, rate, no connection */
  GW_HTTP_DENIED = 4,    /* no sign-in, or the session is refused even when it is fresh */
  GW_HTTP_EXHAUSTED = 5, /* a budget of the day (or longer) is used up; `wait_s` says until when */
  GW_HTTP_CANCELLED = 6  /* the host stops; not sent */
} gw_http_verdict;

typedef struct gw_http_answer {
  size_t struct_size;
  int64_t ticket;
  int32_t verdict;
  int32_t status;                /* of the last answer; 0: there was none */
  const gw_http_header* headers; /* names in lower case */
  size_t header_count;
  gw_str body;                   /* decompressed; empty with save_to */
  gw_str code;                   /* the vendor's error code, where a rule names its place */
  gw_str message;                /* what went wrong, for people, without secrets */
  int32_t attempts;              /* times it was sent */
  int32_t maybe_done;            /* not 0: an earlier attempt may have been carried out already */
  double wait_s;                 /* GW_HTTP_EXHAUSTED: seconds until the budget is there again, or 0 */
  void* private_data;
  void (*release)(struct gw_http_answer* answer);
} gw_http_answer;

typedef struct gw_http_client gw_http_client; /* made by the host */

typedef struct gw_host {
  size_t struct_size;
  void* ctx;
  void (*log)(void* ctx, int32_t level, gw_str message);
  int64_t (*now_us)(void* ctx); /* microseconds since 1970-01-01T00:00Z; tests move it */
  int32_t (*cancelled)(void* ctx); /* not 0: finish soon with GW_CANCELLED */
  /* HTTP through the core's one engine: connections, sign-in, budgets, back-off, concurrency and the request log are its work. A
   * client stands for one account at one system: its readers and writers share it, from any thread. `rules_json`:
   * docs/boundary.md, HTTP. Nothing is sent before the first call. */
  int32_t (*http_open)(void* ctx, gw_str rules_json, gw_http_client** out, gw_error*);
  /* Queues the call and answers a ticket, above 0, at once. */
  int32_t (*http_submit)(gw_http_client*, const gw_http_request*, int64_t* ticket, gw_error*);
  /* Waits at most `wait_us` for `ticket`, which is then spent. GW_OK and out->ticket 0: not yet. Each ticket is waited for by one thread. */
  int32_t (*http_complete)(gw_http_client*, int64_t ticket, int64_t wait_us, gw_http_answer* out, gw_error*);
  /* A value of the session ("access_token", "base" ...), signing in first where that is needed. */
  int32_t (*http_session)(gw_http_client*, gw_str name, gw_text* out, gw_error*);
  /* What was used of the budgets: docs/boundary.md. */
  int32_t (*http_usage)(gw_http_client*, gw_text* out_json, gw_error*);
  void (*http_close)(gw_http_client*); /* calls under way are given up */
} gw_host;

/* ---- connector ---- */
typedef struct gw_connection gw_connection; /* opaque, made by the plugin */
typedef struct gw_reader gw_reader;
typedef struct gw_writer gw_writer;

/* A row that could not be read at all. Borrowed from the batch that carries it. */
typedef struct gw_unreadable {
  int64_t locator; /* byte offset or row number, as the reader's places are */
  int64_t line;    /* 1-based line or 0 when the source has no lines */
  int32_t number;  /* GW number of the reason */
  gw_str args_json; /* arguments of the reason, as in gw_error.json */
  gw_str raw;      /* the row's bytes as they stood, at most 64 KiB */
} gw_unreadable;

/* One batch. `columns` is a struct array whose children are the asked-for columns in order, followed by
 * one last child named "@place": int64 or utf8, the locator of each row. The core takes `columns` and releases it when
 * the last user of a column is done, which may be long after it called release(batch) once: neither may need
 * the other. */
typedef struct gw_batch {
  size_t struct_size;
  struct ArrowArray columns;
  int64_t first_line;        /* 1-based line of the first row, 0 when unknown */
  const int32_t* lines;      /* per row: line minus first_line; null: every row is one line, or none has any */
  const gw_unreadable* unreadable;
  size_t unreadable_count;
  gw_str position;           /* opening a reader here yields exactly the rows after this batch */
  int64_t bytes_read;        /* bytes of the source consumed so far by this reader, for progress */
  int32_t end;               /* not 0: no further batch follows (this one may still hold rows) */
  void* private_data;
  void (*release)(struct gw_batch* batch);
} gw_batch;

/* Requests and descriptions are JSON; docs/boundary.md gives every member.
 *
 * read request:  {"object": "customers", "columns": ["a","b"] | null for all, "split": "..." | null,
 *                 "position": "..." | null, "until": "..." | null (stop exactly there),
 *                 "batch_rows": 8192, "batch_bytes": 4194304, "snapshot": true (absent: false)}
 * write request: {"object": "accounts", "columns": [{"name","type"}...], "key": ["legacy_id"],
 *                 "id": "id" | null (generated key to report), "run": "...", "flow": "...", "ledger": true} */
typedef struct gw_reader_api {
  size_t struct_size;
  /* Schema of what read() yields ("@place" included). Ownership passes to the core. */
  int32_t (*schema)(gw_reader*, struct ArrowSchema* out, gw_error*);
  int32_t (*read)(gw_reader*, gw_batch* out, gw_error*);
  void (*close)(gw_reader*);
} gw_reader_api;

/* Operation of a row in a unit. */
typedef enum gw_operation { GW_INSERT = 1, GW_UPDATE = 2, GW_UPSERT = 3, GW_DELETE = 4, GW_RESTORE = 5 } gw_operation;

/* What became of a row. */
typedef enum gw_outcome_kind {
  GW_CREATED = 1,
  GW_UPDATED = 2,
  GW_UNCHANGED = 3,
  GW_DELETED = 4,
  GW_REFUSED = 5,  /* the target said no; a gw_refusal tells why */
  GW_UNKNOWN = 6,  /* nobody knows (lost call) */
  GW_MISSING = 7   /* update, delete: the target has no such key */
} gw_outcome_kind;

/* One chunk of a unit: a struct array whose children are the request's columns in order. A null
 * `set[c]` means that every row of column c is sent; else bit i of set[c] (Arrow bit order) tells. */
typedef struct gw_chunk {
  size_t struct_size;
  struct ArrowArray columns; /* borrowed by the plugin for the call */
  const uint8_t* operations; /* one gw_operation per row, or null when all rows have `operation` */
  uint8_t operation;
  const uint8_t* const* set; /* array of n_columns pointers, or null: everything is set */
} gw_chunk;

/* What a writer wants to know again about a unit when the process is killed in the midst of it: entries, name and text, that
 * are on disk when put() returns. The same name again replaces. They are gone once the unit is settled. Valid during submit(). */
typedef struct gw_memory {
  size_t struct_size;
  void* ctx;
  int32_t (*put)(void* ctx, gw_str name, gw_str text, gw_error*);
  /* Entries of an earlier life of this unit, and of this one: the n-th, or 0 when there are no more. Texts live until the next put(). */
  int32_t (*entry)(void* ctx, size_t n, gw_str* name, gw_str* text);
} gw_memory;

/* A commit unit: rows that settle together. */
typedef struct gw_unit {
  size_t struct_size;
  gw_str run;
  gw_str flow;
  int32_t shard;
  int64_t number;        /* from 1 within (run, flow, shard) */
  gw_str end_position;   /* stored in the ledger */
  const gw_chunk* chunks;
  size_t chunk_count;
  gw_str note_json;      /* what the core wants to find again in the ledger beside the outcomes */
  const gw_memory* memory; /* null: none is kept */
} gw_unit;

typedef struct gw_refusal {
  int64_t row;          /* index within the unit */
  int32_t number;       /* GW number */
  gw_str error_class;   /* data, lock, rate, auth, lost */
  gw_str field;         /* target field at fault, or empty */
  gw_str words;         /* the target's own words */
  gw_str args_json;     /* arguments of the message, as in gw_error.json; may be empty */
} gw_refusal;

typedef struct gw_outcomes {
  size_t struct_size;
  int64_t rows;
  const uint8_t* kinds;         /* gw_outcome_kind per row; null when all rows have `kind` */
  uint8_t kind;
  struct ArrowArray ids;        /* struct array of one child, int64 or utf8: the target id per row; release null when
                                 * none. Taken by the core, as the columns of a gw_batch are. */
  int32_t ids_are_text;
  const gw_refusal* refusals;
  size_t refusal_count;
  void* private_data;
  void (*release)(struct gw_outcomes*);
} gw_outcomes;

typedef enum gw_resolution { GW_ABSENT = 0, GW_DONE = 1, GW_RESOLUTION_UNKNOWN = 2 } gw_resolution;

typedef struct gw_writer_api {
  size_t struct_size;
  /* Once per flow and run, before the first submit; makes the ledger where there is one. */
  int32_t (*prepare)(gw_writer*, gw_error*);
  /* Writes the unit and answers for every row. A transactional writer has committed when it returns 0,
   * ledger row included, and has written nothing when it returns anything else. */
  int32_t (*submit)(gw_writer*, const gw_unit*, gw_outcomes* out, gw_error*);
  /* What became of the unit (only run, flow, shard, number of `unit` are looked at). */
  int32_t (*resolve)(gw_writer*, const gw_unit* unit, int32_t* resolution, gw_outcomes* out,
                     gw_text* end_position, gw_text* note_json, gw_error*);
  /* Rows as the target holds them for `keys` (struct array of the key columns in order). Answers a
   * struct array of the request's columns, one row per key in the same order, with a last child
   * "@found" (bool) and, where the request names an id, a child "@id" before it. */
  int32_t (*read_back)(gw_writer*, const struct ArrowArray* keys, struct ArrowArray* out, gw_error*);
  /* Last unit that the ledger knows for (run, flow, shard); 0 when none. */
  int32_t (*last_unit)(gw_writer*, gw_str run, gw_str flow, int32_t shard, int64_t* number, gw_error*);
  void (*close)(gw_writer*);
} gw_writer_api;

typedef struct gw_connector_api {
  size_t struct_size;
  gw_str name;          /* snake_case */
  gw_str manifest_json; /* title, version, settings, delivery, abilities, limits: what connector.json holds */
  int32_t (*open)(const gw_host*, gw_str settings_json, gw_connection** out, gw_error*);
  void (*close)(gw_connection*);
  /* One cheap call: {"identity": "...", "display": "...", "version": "...", "objects": ["..."], "writable": bool}. */
  int32_t (*check)(gw_connection*, gw_text* out_json, gw_error*);
  /* {"object", "rows": n|null, "bytes": n|null, "fields": [{"name","type","nullable","length"|null,"default",
   *  "unique","generated","choices":[...]}], "key": [...], "uniques": [[...]], "checks": ["sql"...],
   *  "references": [{"columns","object","to"}], "hash": "changes when the extract changes", "independent": bool} */
  int32_t (*describe)(gw_connection*, gw_str object, gw_text* out_json, gw_error*);
  /* Up to `wanted` splits that together cover the object exactly once, in source order: JSON array of opaque texts. */
  int32_t (*splits)(gw_connection*, gw_str object, int32_t wanted, gw_text* out_json, gw_error*);
  int32_t (*open_reader)(gw_connection*, gw_str request_json, gw_reader** out, gw_error*);
  int32_t (*open_writer)(gw_connection*, gw_str request_json, gw_writer** out, gw_error*);
  const gw_reader_api* reader; /* null: cannot read */
  const gw_writer_api* writer; /* null: cannot write */
  /* Sums for control totals, computed by the target itself: request {"object","aggregate":"sum|count|min|max",
   * "field","where": "..."|null, "group_by": "..."|null} -> [{"group": "..."|null, "value": "exact number as text"}].
   * Null: the core reads the rows instead. */
  int32_t (*aggregate)(gw_connection*, gw_str request_json, gw_text* out_json, gw_error*);
  /* What work would cost at this system: request {"object", "insert": rows, "update": rows, "delete": rows, "read": rows} ->
   * {"calls", "jobs", "seconds", "simulated", "budgets": [{"name", "needs", "limit", "remaining", "window_s", "resets_s"}]}.
   * Null: the system counts nothing. */
  int32_t (*estimate)(gw_connection*, gw_str request_json, gw_text* out_json, gw_error*);
} gw_connector_api;

typedef struct gw_plugin_api {
  size_t struct_size;
  int32_t abi_version;
  size_t connector_count;
  const gw_connector_api* const* connectors;
} gw_plugin_api;

typedef const gw_plugin_api* (*gw_entry)(void);

#ifdef __cplusplus
}
#endif
#endif
