// embed_files OUTPUT ROOT FILE...: compiles files into the binary.
//
// Writes OUTPUT.hpp and OUTPUT.cpp with one sorted table of {path relative to ROOT, content}, in
// `doorbuster::resources`.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

constexpr const char* kHeader = R"(// Made by embed_files. Do not edit.
#pragma once
#include <span>
#include <string_view>

namespace doorbuster::resources {
struct File {
    std::string_view path;
    std::string_view content;
};
// Every embedded file, in order of path.
std::span<const File> files();
}  // namespace doorbuster::resources
)";

std::string read(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_literal(std::ostream& out, const std::string& bytes) {
    static const char* digits = "01234567";
    out << '"';
    int column = 0;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\' && c != '?') {
            out << c;
            column += 1;
        } else {
            out << '\\' << digits[byte >> 6] << digits[(byte >> 3) & 7] << digits[byte & 7];
            column += 4;
        }
        if (column >= 4000) {
            out << "\"\n\"";
            column = 0;
        }
    }
    out << '"';
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const std::string output = argv[1];
    const std::string root = std::string{argv[2]} + '/';
    std::vector<std::string> paths{argv + 3, argv + argc};
    std::sort(paths.begin(), paths.end());

    std::ofstream{output + ".hpp"} << kHeader;
    std::ofstream out{output + ".cpp"};
    out << "#include \"" << output.substr(output.rfind('/') + 1) << ".hpp\"\n"
        << "namespace doorbuster::resources {\nnamespace {\nusing namespace std::literals;\n"
        << "constexpr File kFiles[] = {\n";
    for (const std::string& path : paths) {
        if (path.rfind(root, 0) != 0) return 1;
        const std::string content = read(path);
        out << "{\"" << path.substr(root.size()) << "\"sv, std::string_view{";
        write_literal(out, content);
        out << ", " << content.size() << "}},\n";
    }
    out << "};\n}  // namespace\nstd::span<const File> files() { return kFiles; }\n"
        << "}  // namespace doorbuster::resources\n";
    return out.flush() ? 0 : 1;
}
