#include "core/host/elf.hpp"
#include "core/model/read_text.hpp"

#include <elf.h>
#include <gnu/libc-version.h>

#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

namespace godwit {
namespace {

// The bytes of a file, looked at with bounds: a library may be cut off or made up.
class Image {
 public:
  explicit Image(std::string bytes) : bytes_(std::move(bytes)) {}
  template <typename T>
  bool at(std::uint64_t offset, T* out) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return false;
    std::memcpy(out, bytes_.data() + offset, sizeof(T));
    return true;
  }
  std::string text(std::uint64_t offset) const {
    if (offset >= bytes_.size()) return {};
    return std::string(bytes_.c_str() + offset);  // c_str ends with a NUL whatever the file does
  }

 private:
  std::string bytes_;
};

std::string machine_name(unsigned machine) {
  switch (machine) {
    case EM_X86_64: return "x86_64";
    case EM_AARCH64: return "aarch64";
    case EM_RISCV: return "riscv64";
    default: return "machine " + std::to_string(machine);
  }
}

constexpr unsigned kThisMachine =
#if defined(__x86_64__)
    EM_X86_64;
#elif defined(__aarch64__)
    EM_AARCH64;
#else
    EM_RISCV;
#endif

// Versions that the file asks of other libraries: .gnu.version_r, a list of lists.
bool read_versions(const Image& image, const Elf64_Shdr& section, const Elf64_Shdr& names, LibraryNeeds* out) {
  std::uint64_t at = section.sh_offset;
  for (unsigned i = 0; i < section.sh_info; ++i) {
    Elf64_Verneed need;
    if (!image.at(at, &need)) return false;
    std::uint64_t inner = at + need.vn_aux;
    for (unsigned j = 0; j < need.vn_cnt; ++j) {
      Elf64_Vernaux version;
      if (!image.at(inner, &version)) return false;
      const std::string name = image.text(names.sh_offset + version.vna_name);
      if (name.starts_with("GLIBC_") && name.size() > 6 && name[6] >= '0' && name[6] <= '9' && is_older(out->libc, name.substr(6))) out->libc = name.substr(6);
      if (version.vna_next == 0) break;
      inner += version.vna_next;
    }
    if (need.vn_next == 0) break;
    at += need.vn_next;
  }
  return true;
}

bool read_dynamic(const Image& image, const Elf64_Shdr& section, const Elf64_Shdr& names, LibraryNeeds* out) {
  for (std::uint64_t at = section.sh_offset; at < section.sh_offset + section.sh_size; at += sizeof(Elf64_Dyn)) {
    Elf64_Dyn entry;
    if (!image.at(at, &entry)) return false;
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED) out->libraries.push_back(image.text(names.sh_offset + entry.d_un.d_val));
  }
  return true;
}

}  // namespace

bool is_older(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    int left = 0, right = 0;
    const std::size_t end_a = std::min(a.find('.'), a.size()), end_b = std::min(b.find('.'), b.size());
    std::from_chars(a.data(), a.data() + end_a, left);
    std::from_chars(b.data(), b.data() + end_b, right);
    if (left != right) return left < right;
    a.remove_prefix(std::min(end_a + 1, a.size())), b.remove_prefix(std::min(end_b + 1, b.size()));
  }
  return false;
}

std::string this_machine() { return machine_name(kThisMachine); }
std::string this_libc() { return gnu_get_libc_version(); }

Result<LibraryNeeds> read_needs(const std::filesystem::path& library) {
  const auto unusable = [&](std::string seen) { return fail(3002, {{"place", library.string()}, {"seen", std::move(seen)}}); };
  std::ifstream in(library, std::ios::binary);
  if (!in) return unusable(std::generic_category().message(errno));
  auto bytes = read_text(in);
  if (!bytes) return unusable(std::generic_category().message(errno));
  const Image image(std::move(*bytes));
  Elf64_Ehdr head;
  if (!image.at(0, &head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) return unusable("not an ELF file");
  if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_type != ET_DYN || head.e_shentsize != sizeof(Elf64_Shdr))
    return unusable("not a 64-bit shared library");
  LibraryNeeds out;
  out.machine = machine_name(head.e_machine);
  for (unsigned i = 0; i < head.e_shnum; ++i) {
    Elf64_Shdr section, names;
    if (!image.at(head.e_shoff + i * sizeof(Elf64_Shdr), &section)) return unusable("cut off within its section table");
    if (section.sh_type != SHT_GNU_verneed && section.sh_type != SHT_DYNAMIC) continue;
    const bool read = image.at(head.e_shoff + section.sh_link * sizeof(Elf64_Shdr), &names) &&
                      (section.sh_type == SHT_DYNAMIC ? read_dynamic(image, section, names, &out) : read_versions(image, section, names, &out));
    if (!read) return unusable("cut off within a section");
  }
  return out;
}

Result<> check_needs(const LibraryNeeds& needs, const std::string& place) {
  if (needs.machine != this_machine()) return fail(3035, {{"place", place}, {"seen", needs.machine}, {"expected", this_machine()}});
  if (is_older(this_libc(), needs.libc)) return fail(3034, {{"place", place}, {"seen", needs.libc}, {"expected", this_libc()}});
  return {};
}

}  // namespace godwit
