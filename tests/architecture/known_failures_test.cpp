#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

// docs/known-failures.md promises a test for every failure. A promise nobody checks does not last.
namespace doorbuster {
namespace {

std::string read(const std::string& path) {
    std::ifstream file{std::string{DOORBUSTER_SOURCE_DIR "/"} + path};
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// What a row shows itself by: "`file`: `test`, `test`; `file`: `test`", its last column.
struct Proof {
    std::string file;
    std::string test;
};

bool is_file(const std::string& name) {
    return name.find('/') != std::string::npos && (name.ends_with(".cpp") || name.ends_with(".py"));
}

std::vector<Proof> proofs_of(const std::string& row) {
    const std::string cell = row.substr(row.rfind(" | ", row.size() - 3));
    static const std::regex kQuoted{"`([^`]+)`"};
    std::vector<Proof> proofs;
    std::string file;
    for (auto at = std::sregex_iterator{cell.begin(), cell.end(), kQuoted};
         at != std::sregex_iterator{};
         ++at) {
        const std::string name = (*at)[1];
        if (is_file(name)) {
            file = name;
        } else {
            proofs.push_back({file, name});
        }
    }
    return proofs;
}

bool exists(const Proof& proof) {
    const std::string source = read(proof.file);
    if (proof.file.ends_with(".py")) {
        return source.find("def " + proof.test + "(") != std::string::npos;
    }
    const std::size_t point = proof.test.find('.');
    if (point == std::string::npos) return false;
    const std::string suite = proof.test.substr(0, point);
    const std::string name = proof.test.substr(point + 1);
    const std::regex declared{"TEST(_P|_F)?\\(\\s*" + suite + ",\\s*" + name + "\\s*\\)"};
    return std::regex_search(source, declared);
}

TEST(KnownFailures, each_name_a_test_that_exists) {
    std::istringstream page{read("docs/known-failures.md")};
    int rows = 0;
    for (std::string line; std::getline(page, line);) {
        const bool is_row = line.starts_with("| ") && !line.starts_with("| what goes wrong") &&
                            !line.starts_with("| ---");
        if (!is_row) continue;
        ++rows;
        const auto proofs = proofs_of(line);
        EXPECT_FALSE(proofs.empty()) << line;
        for (const Proof& proof : proofs) {
            EXPECT_TRUE(exists(proof)) << proof.file << ": " << proof.test;
        }
    }
    EXPECT_GT(rows, 50);
}

TEST(KnownFailures, a_test_that_is_not_there_is_found) {
    const std::string row = "| a | b | `src/core/money_test.cpp`: `Money.is_made_of_cheese` |";
    const auto proofs = proofs_of(row);
    ASSERT_EQ(proofs.size(), 1u);
    EXPECT_FALSE(exists(proofs.front()));
}

}  // namespace
}  // namespace doorbuster
