"""Connectors as single files: packed, installed, found, removed; what is damaged, too new, for another machine, or crashes is refused with its number."""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

GODWIT = PROBE = PLUGINS = FAULTY = None


class Package(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.home)
        (self.home / "lib").mkdir()
        # Copies: the library of the build must not be found by itself.
        shutil.copy(pathlib.Path(PLUGINS) / "godwit-csv.so", self.home / "lib/library.so")
        self.installed = self.home / ".local/share/godwit/plugins"

    def godwit(self, *arguments, expect=0, **env):
        done = subprocess.run([GODWIT, *map(str, arguments)], cwd=self.home, capture_output=True, text=True, timeout=120,
                              env={**os.environ, "HOME": str(self.home), "XDG_DATA_HOME": "", "XDG_CACHE_HOME": "", "GODWIT_PLUGINS": "", "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=0"), **env})
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def pack(self):
        said = json.loads(self.godwit("connector", "pack", "lib/library.so", "--json").stdout)
        return self.home / said["file"], said

    def libraries(self):
        return {c["name"]: c["library"] for c in json.loads(self.godwit("connectors", "--json").stdout)}

    def test_a_library_shows_one_symbol(self):
        libraries = sorted(pathlib.Path(PLUGINS).glob("godwit-*.so"))
        self.assertGreater(len(libraries), 3)
        for library in libraries:
            listed = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
            self.assertEqual([line.split()[-1] for line in listed.splitlines()], ["godwit_plugin_v1"], library)

    def test_packed_installed_found_used_and_removed(self):
        package, said = self.pack()
        self.assertEqual(package.name, f"godwit-csv-0.1.0-{os.uname().machine}.gwc")
        self.assertEqual(said["abi"], 1)
        self.assertRegex(said["libc"], r"^2\.\d+$")
        # The newest version of glibc that binutils finds in the library.
        names = subprocess.run(["objdump", "-T", self.home / "lib/library.so"], capture_output=True, text=True, check=True).stdout
        versions = {tuple(map(int, w.strip("()").removeprefix("GLIBC_").split("."))) for w in names.split() if w.strip("()").startswith("GLIBC_2")}
        self.assertEqual(said["libc"], ".".join(map(str, max(versions))))
        self.assertIn("libc.so.6", said["libraries"])
        self.godwit("connector", "install", package)
        self.assertEqual(self.libraries()["csv"], str(self.installed / "godwit-csv.so"))
        (self.home / "some.csv").write_text("a,b\n1,2\n")
        self.assertIn("2", self.godwit("read", "some.csv").stdout)
        # Over what is there already.
        self.godwit("connector", "install", package)
        self.assertEqual(sorted(p.name for p in self.installed.iterdir()), ["godwit-csv.json", "godwit-csv.so"])
        self.godwit("connector", "remove", "csv")
        self.assertEqual(list(self.installed.iterdir()), [])
        self.assertIn("GW-3037", self.godwit("connector", "remove", "csv", expect=2).stderr)
        self.assertIn("GW-3037", self.godwit("connector", "remove", "../../x", expect=2).stderr)

    def refused(self, package, number):
        done = self.godwit("connector", "install", package, expect=2)
        self.assertIn(f"GW-{number}", done.stderr)
        self.assertFalse(self.installed.exists() and list(self.installed.iterdir()), "something was installed")
        return done.stderr

    def test_any_damage_is_seen(self):
        package, _ = self.pack()
        whole = package.read_bytes()
        size = len(whole)
        for at in (0, 16, 25, 90, 300, size // 2, size - 1):
            package.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
            self.refused(package, 3036)
        for cut in (0, 5, 30, 80, 100, 2000, size - 1):
            package.write_bytes(whole[:cut])
            self.refused(package, 3036)
        package.write_bytes(whole + b"x")
        self.refused(package, 3036)
        self.refused(self.home / "nowhere.gwc", 3036)

    # The package with other facts or another library in it, and the hash that goes with them.
    def remade(self, package, change=lambda facts: None, library=lambda so: so):
        magic, _, head, rest = package.read_bytes().split(b"\n", 3)
        facts = json.loads(head)
        manifest, so = rest[:facts["manifest_bytes"]], rest[facts["manifest_bytes"]:]
        change(facts)
        body = json.dumps(facts).encode() + b"\n" + manifest + library(so)
        out = self.home / "remade.gwc"
        out.write_bytes(magic + b"\n" + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        return out

    def test_what_does_not_fit_this_machine_is_refused_with_its_reason(self):
        package, _ = self.pack()
        self.assertIn("version 2", self.refused(self.remade(package, lambda f: f.update(abi=2)), 3004))
        self.assertIn("9.99", self.refused(self.remade(package, lambda f: f.update(libc="9.99")), 3034))
        self.assertIn("sparc", self.refused(self.remade(package, lambda f: f.update(machine="sparc")), 3035))
        self.refused(self.remade(package, lambda f: f.update(name="../csv")), 3036)
        self.refused(self.remade(package, lambda f: f.update(manifest_bytes=10**12)), 3036)
        # The facts are only what was written down: the library is looked at, too.
        newer = lambda so: so.replace(b"GLIBC_2.", b"GLIBC_9.")
        self.refused(self.remade(package, library=newer), 3034)
        self.refused(self.remade(package, library=lambda so: so[:18] + struct.pack("<H", 43) + so[20:]), 3035)
        self.refused(self.remade(package, library=lambda so: b"#!/bin/sh\n"), 3002)
        self.refused(self.remade(package, library=lambda so: so[:len(so) // 2]), 3002)

    def test_a_library_that_lies_in_the_folder_is_refused_alike(self):
        folder = self.home / "plugins"
        folder.mkdir()
        shutil.copy(pathlib.Path(PLUGINS) / "godwit-csv.json", folder)
        so = (self.home / "lib/library.so").read_bytes()
        (self.home / "some.csv").write_text("a\n1\n")
        for library, number in ((so.replace(b"GLIBC_2.", b"GLIBC_9."), 3034), (so[:18] + struct.pack("<H", 43) + so[20:], 3035), (so[:5000], 3002), (b"", 3002)):
            (folder / "godwit-csv.so").write_bytes(library)
            self.assertIn(f"GW-{number}", self.godwit("read", "some.csv", expect=2, GODWIT_PLUGINS=str(folder)).stderr)

    def test_a_connector_that_crashes_when_it_is_first_used_takes_only_its_probe_with_it(self):
        folder = self.home / "plugins"
        folder.mkdir()
        shutil.copy(FAULTY, folder / "godwit-crash_in_describe.so")
        manifest = self.godwit("connector", "manifest", folder / "godwit-crash_in_describe.so").stdout
        (folder / "godwit-crash_in_describe.json").write_text(manifest)
        for step in ("open", "check", "describe"):
            done = self.godwit("read", "anything", "--connector", "crash_in_describe", "--set", f"step={step}", "--set", "path=x", expect=2, GODWIT_PLUGINS=str(folder))
            self.assertIn("GW-3005", done.stderr)
            self.assertIn(f"crashed in {step}", done.stderr)
        # A refusal of settings is no crash: the same library is used with others.
        done = self.godwit("read", "anything", "--connector", "crash_in_describe", "--set", "step=nothing", "--set", "path=x", expect=2, GODWIT_PLUGINS=str(folder))
        self.assertNotIn("GW-3005", done.stderr)


def main():
    global GODWIT, PLUGINS, FAULTY
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    parser.add_argument("--plugins", required=True)
    parser.add_argument("--faulty", required=True)
    args, rest = parser.parse_known_args()
    GODWIT, PLUGINS, FAULTY = args.godwit, args.plugins, args.faulty
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
