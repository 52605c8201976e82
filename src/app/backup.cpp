#include "app/backup.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <memory>

#include "adapters/postgres/service_file.hpp"
#include "adapters/sqlite/backup.hpp"
#include "app/command_error.hpp"
#include "app/open_database.hpp"
#include "runtime/data_folder.hpp"

namespace doorbuster::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDatabase = "doorbuster.db";
constexpr const char* kSandbox = "sandbox.db";
constexpr const char* kDump = "postgres.dump";
constexpr const char* kManifest = "MANIFEST";
constexpr std::array kFolders = {"media", "keys"};

std::string sha256_of(const fs::path& file) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{
        EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
    std::ifstream in{file, std::ios::binary};
    if (!in) throw CommandError{"cannot read " + file.string()};
    std::vector<char> buffer(1 << 16);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
        EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(in.gcount()));
    }
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
    std::string hex;
    for (const unsigned char byte : digest) {
        char pair[3];
        std::snprintf(pair, sizeof pair, "%02x", byte);
        hex += pair;
    }
    return hex;
}

// The database's address for PostgreSQL's own programs, in a file of ours alone for as long as one
// runs.
class ServiceFile {
public:
    explicit ServiceFile(const std::string& conninfo) {
        const int file = ::mkstemp(path_.data());  // mode 0600
        const std::string text = postgres::service_file_text(conninfo);
        const bool written = file >= 0 && ::write(file, text.data(), text.size()) ==
                                              static_cast<ssize_t>(text.size());
        if (file >= 0) ::close(file);
        if (!written) throw CommandError{"cannot write " + path_};
    }
    ~ServiceFile() { ::unlink(path_.c_str()); }
    ServiceFile(const ServiceFile&) = delete;
    ServiceFile& operator=(const ServiceFile&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_ = (fs::temp_directory_path() / "doorbuster-service-XXXXXX").string();
};

// Runs one of PostgreSQL's programs on the database; no shell sees the words.
void run_postgres_program(const runtime::Config& config, std::vector<std::string> words) {
    const ServiceFile service{config.database_url.reveal()};
    words.push_back("--dbname=service=doorbuster");
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("PGSERVICEFILE", service.path().c_str(), 1);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
        const bool absent = WIFEXITED(status) && WEXITSTATUS(status) == 127;
        throw CommandError{
            words.front() + (absent ? " is not installed (Debian: postgresql-client)" : " failed")};
    }
}

void make_private_folder(const fs::path& folder) {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure) throw CommandError{"cannot create " + folder.string() + ": " + failure.message()};
    fs::permissions(folder, fs::perms::owner_all, failure);
}

void sync_file(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ::fsync(file);
    ::close(file);
}

// Whole or not at all, and durable.
void copy_durably(const fs::path& from, const fs::path& to) {
    const fs::path unfinished = to.string() + ".part";
    fs::copy_file(from, unfinished, fs::copy_options::overwrite_existing);
    sync_file(unfinished);
    fs::rename(unfinished, to);
    sync_file(to.parent_path());
}

void copy_tree(const fs::path& from, const fs::path& to) {
    if (!fs::exists(from)) return;
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    for (const auto& entry : fs::recursive_directory_iterator{to}) sync_file(entry.path());
}

// Every file below the folder but the manifest, by its relative name.
std::map<std::string, std::string> hashes_of(const fs::path& folder) {
    std::map<std::string, std::string> hashes;
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        const std::string name = fs::relative(entry.path(), folder).string();
        if (entry.is_regular_file() && name != kManifest) hashes[name] = sha256_of(entry.path());
    }
    return hashes;
}

std::string manifest_text(const std::map<std::string, std::string>& hashes) {
    std::string text;
    for (const auto& [name, hash] : hashes) text.append(hash).append("  ").append(name) += '\n';
    return text;
}

void write_manifest(const fs::path& folder) {
    const fs::path unfinished = folder / "MANIFEST.part";
    const std::string text = manifest_text(hashes_of(folder));
    std::ofstream out{unfinished, std::ios::binary};
    if (!(out << text << std::flush)) throw CommandError{"cannot write " + unfinished.string()};
    out.close();
    sync_file(unfinished);
    fs::rename(unfinished, folder / kManifest);
    sync_file(folder);
}

void check_manifest(const fs::path& folder) {
    std::ifstream in{folder / kManifest, std::ios::binary};
    if (!in) {
        throw CommandError{
            folder.string() + " has no MANIFEST: it is not a backup, or one that was cut short"};
    }
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (text != manifest_text(hashes_of(folder))) {
        throw CommandError{
            folder.string() + " does not match its MANIFEST: files are missing, added or damaged"};
    }
}

bool is_postgres(const runtime::Config& config) { return !config.database_url.empty(); }

void restore_postgres(const fs::path& source, const runtime::Config& config) {
    if (!fs::exists(source / kDump))
        throw CommandError{"the backup was made from an embedded database"};
    // pg_restore stops at the first table that exists, and the single transaction leaves nothing.
    const std::string dump = (source / kDump).string();
    run_postgres_program(
        config, {"pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", dump}
    );
}

}  // namespace

void back_up(const runtime::Config& config, const fs::path& target) {
    if (fs::exists(target))
        throw CommandError{target.string() + " exists already; name a new folder"};
    const SystemClock clock;
    open_for_reading(config, clock);  // says so when there is nothing to back up
    make_private_folder(target);
    const fs::path data{config.data};
    if (is_postgres(config)) {
        run_postgres_program(
            config, {"pg_dump", "--format=custom", "--file=" + (target / kDump).string()}
        );
    } else {
        sqlite::backup(data / kDatabase, target / kDatabase);
    }
    if (fs::exists(data / kSandbox)) sqlite::backup(data / kSandbox, target / kSandbox);
    for (const char* folder : kFolders) copy_tree(data / folder, target / folder);
    write_manifest(target);
}

void restore(const fs::path& source, const runtime::Config& config) {
    check_manifest(source);
    const runtime::DataFolder folder{config.data};
    const fs::path database = folder.path() / kDatabase;
    if (fs::exists(database)) {
        throw CommandError{
            database.string() + " exists already; restore into an empty folder (--data)"};
    }
    if (is_postgres(config)) {
        restore_postgres(source, config);
    } else if (!fs::exists(source / kDatabase)) {
        throw CommandError{
            "the backup was made from PostgreSQL; name a database with --set database.url=…"};
    }
    for (const char* name : kFolders) copy_tree(source / name, folder.path() / name);
    // Plain copies: opening a backup as a database would leave files of SQLite's beside it.
    if (fs::exists(source / kSandbox)) copy_durably(source / kSandbox, folder.path() / kSandbox);
    if (!is_postgres(config))
        copy_durably(source / kDatabase, database);  // last: its presence means done
    const SystemClock clock;
    open_for_reading(config, clock);
}

}  // namespace doorbuster::app
