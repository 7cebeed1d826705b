"""What `cmake --install` ships is enough to run and to build on: the program works from its prefix, `godwit new connector` of every kind compiles
against the SDK, with GCC and with Clang, and passes the contract as it stands; a connector with a mistake in it does not."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = CMAKE = PREFIX = WORK = None
SOURCE = pathlib.Path(__file__).resolve().parents[2]


# The compiler's cache works across runs, although each has a folder of its own.
CACHE = {"CCACHE_NOHASHDIR": "1"}
if shutil.which("ccache"):
    CACHE["CCACHE_DIR"] = subprocess.run(["ccache", "--get-config", "cache_dir"], capture_output=True, text=True).stdout.strip()


def sh(*command, cwd=None, expect=0, **env):
    done = subprocess.run([str(c) for c in command], cwd=cwd or WORK, capture_output=True, text=True, timeout=900,
                          env={**os.environ, "HOME": str(WORK), "XDG_DATA_HOME": "", "GODWIT_PLUGINS": "", "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=0"), "CCACHE_BASEDIR": str(WORK), **CACHE, **env})
    if expect is not None and done.returncode != expect:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
    return done


def godwit(*arguments, **more):
    return sh(PREFIX / "bin/godwit", *arguments, **more)


def new_connector(name, *options):
    godwit("new", "connector", name, *options)
    return WORK / name


def build(folder, compiler="g++", expect=0):
    out = folder / "build"
    sh(CMAKE, "-S", folder, "-B", out, f"-DCMAKE_PREFIX_PATH={PREFIX}", f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0",
       "-DCMAKE_CXX_COMPILER_LAUNCHER=" + (shutil.which("ccache") or ""))
    return sh(CMAKE, "--build", out, "-j2", expect=expect)


def contract(folder, expect=0):
    done = sh("sh", PREFIX / "lib/cmake/godwit_sdk/run_contract", PREFIX / "bin/godwit", folder / "contract", expect=expect, GODWIT_PLUGINS=str(folder / "build/plugins"))
    return done.stdout


class Installed(unittest.TestCase):
    def test_the_program_runs_from_its_prefix_with_its_connectors(self):
        names = [c["name"] for c in json.loads(godwit("connectors", "--json").stdout)]
        self.assertIn("csv", names)
        self.assertIn("sqlite", names)
        godwit("new", "project")
        godwit("run", cwd=WORK / "project")
        listed = json.loads(godwit("connectors", "--json").stdout)
        self.assertTrue(all(c["library"].startswith(str(PREFIX / "lib/godwit/plugins")) for c in listed), listed)

    def test_every_kind_passes_its_contract_as_it_stands(self):
        for kind, compiler in (("file", "g++"), ("rest", "g++"), ("sql", "clang++")):
            # The reader alone is the same text with the writer's parts left out: one kind shows it, --slow each.
            for writer in (False, True) if kind == "file" or os.environ.get("GODWIT_SLOW") else (True,):
                with self.subTest(kind=kind, writer=writer):
                    folder = new_connector(f"my_{kind}" + ("_writer" if writer else ""), "--kind", kind, *(["--writer"] if writer else []))
                    build(folder, compiler)
                    # As its author runs it.
                    done = sh("ctest", "--test-dir", folder / "build", "--output-on-failure", "-V")
                    self.assertIn(" 0 failed", done.stdout)
                    self.assertRegex(done.stdout, r"(2[0-9] passed|1[0-9] passed)" if writer else r"1[0-9] passed")
                    symbols = sh("nm", "-D", "--defined-only", folder / f"build/plugins/godwit-{folder.name}.so").stdout.split("\n")
                    exported = [s.split()[2] for s in symbols if s and s.split()[1] in "TDBR"]
                    self.assertEqual(exported, ["godwit_plugin_v1"])
                    left = [p for p in folder.rglob("*") if p.is_file() and "build" not in p.parts and ("acme" in p.read_text().lower().replace("acme.example", "") or "writer{" in p.read_text())]
                    self.assertEqual(left, [])

    def test_a_kit_is_a_component_and_an_unknown_one_is_named(self):
        folder = new_connector("kits", "--kind", "file")
        text = (folder / "CMakeLists.txt").read_text()
        (folder / "CMakeLists.txt").write_text(text.replace("godwit_sdk REQUIRED", "godwit_sdk REQUIRED COMPONENTS delimited sql").replace("connector(kits)", "connector(kits DEPENDS godwit::kit_delimited)"))
        (folder / "uses_kit.cpp").write_text('#include "plugins/kits/delimited/row_writer.hpp"\n'
                                             "namespace kits { bool f() { return godwit::delimited::RowWriter::make({}, {}, {}).has_value(); } }\n")
        build(folder)
        (folder / "CMakeLists.txt").write_text(text.replace("godwit_sdk REQUIRED", "godwit_sdk REQUIRED COMPONENTS nonsense"))
        done = sh(CMAKE, "-S", folder, "-B", folder / "other", f"-DCMAKE_PREFIX_PATH={PREFIX}", expect=1)
        self.assertRegex(done.stderr.replace("\n", " "), r"no\s+kit\s+\"nonsense\"")

    def test_a_library_from_gcc_loads_in_a_host_from_clang(self):
        folder = new_connector("from_gcc", "--kind", "file", "--writer")
        build(folder, "g++")
        host = WORK / "clang_host"
        sh(CMAKE, "-G", "Ninja", "-S", SOURCE, "-B", host, "-DCMAKE_C_COMPILER=clang", "-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DCMAKE_UNITY_BUILD=ON")
        sh(CMAKE, "--build", host, "-j2", "--target", "godwit_probe")
        self.assertIn("clang", sh("readelf", "-p", ".comment", host / "bin/godwit-probe").stdout)
        (WORK / "rows").mkdir()
        (WORK / "rows/some.jsonl").write_text('{"id": "1", "name": "one"}\n')
        settings = json.dumps({"path": str(WORK / "rows")})
        done = subprocess.run([host / "bin/godwit-probe", folder / "build/plugins/godwit-from_gcc.so", "from_gcc"], input=settings, capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual([line.split()[-1] for line in done.stdout.splitlines()], ["open", "check", "describe", "close", "ok"])

    def test_names_that_cannot_be_and_folders_that_are_there_are_refused(self):
        self.assertIn("GW-2362", godwit("new", "connector", "My-CRM", expect=2).stderr)
        self.assertIn("GW-2325", godwit("new", "connector", "some", "--kind", "magic", expect=2).stderr)
        (WORK / "full").mkdir()
        (WORK / "full/x").write_text("")
        self.assertIn("GW-2324", godwit("new", "connector", "full", expect=2).stderr)

    # A suite that nothing fails proves nothing: each of these mistakes is found, by the test that is there for it.
    MISTAKES = [
        ("a position that stands a line too early", "reader.cpp", "out.position = to_text(at_)", "Place before = at_; if (before.lines > 3) --before.lines; out.position = to_text(at_); if (at_.lines == 70) out.position = \"0:0\"", "reading on from any position"),
        ("until is not kept", "reader.cpp", "at_.offset >= until_.offset", "at_.offset > until_.offset + 1000", "reading between two positions"),
        ("a read error taken for the end", "reader.cpp", "if (in_.bad()) return unreadable_file();", "", "fails while reading"),
        ("columns in the file's order", "reader.cpp", "if (request.columns.empty()) schema = described.schema();", "schema = described.schema();", "chosen columns"),
        ("a row dropped in silence", "writer.cpp", "        out.kinds.push_back(apply(chunk, r, row, &out));", "        out.kinds.push_back(row == 5 ? OutcomeKind::created : apply(chunk, r, row, &out));", "inserted rows come back"),
        ("null written as empty", "writer.cpp", "column.is_null(r) ? std::nullopt : std::optional(std::string(column.text(r)))", "std::optional(std::string(column.is_null(r) ? \"\" : column.text(r)))", "null, empty and unset"),
        ("unset written as null", "writer.cpp", "      if (!chunk.is_set(c, r)) continue;", "", "null, empty and unset"),
        ("created and updated mixed up", "writer.cpp", "return is_new ? OutcomeKind::created : OutcomeKind::updated;", "return OutcomeKind::created;", "created, updated and missing"),
        ("a failed write called a success", "writer.cpp", "    if (!whole || ::rename", "    if (false && ::rename", "fails while writing"),
        ("an insert that overwrites", "writer.cpp", "if (operation == Operation::insert && there != records_.end())", "if (false)", "one bad row"),
        ("the system calls itself something else each time", "connector.cpp", "facts.display =", "static int n; facts.identity += std::to_string(++n); facts.display =", "the system says who it is"),
    ]

    @unittest.skipUnless(os.environ.get("GODWIT_SLOW"), "builds a connector a dozen times: ./check --slow")
    def test_mistakes_are_found(self):
        folder = new_connector("mistaken", "--kind", "file", "--writer")
        for what, file, right, wrong, found_by in self.MISTAKES:
            with self.subTest(what):
                text = (folder / file).read_text()
                self.assertIn(right, text)
                (folder / file).write_text(text.replace(right, wrong))
                build(folder)
                failed = [line for line in contract(folder, expect=1).splitlines() if line.endswith("FAILED")]
                self.assertTrue(any(found_by in line for line in failed), failed)
                (folder / file).write_text(text)


def main():
    global BUILD, CMAKE, PREFIX, WORK
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", required=True)
    args, rest = parser.parse_known_args()
    BUILD, CMAKE = os.path.abspath(args.build), args.cmake
    with tempfile.TemporaryDirectory() as folder:
        WORK = pathlib.Path(folder)
        PREFIX = WORK / "prefix"
        sh(CMAKE, "--install", BUILD, "--prefix", PREFIX)
        unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
