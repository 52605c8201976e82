#include "adapters/sqlite/sqlite_database.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "support/failing_disk.hpp"
#include "support/manual_clock.hpp"

namespace doorbuster::sqlite {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using sql::Reader;
using sql::Row;
using sql::Transaction;

constexpr sql::Statement statement(std::string_view text) { return {"test", text, text}; }
constexpr auto kCreate = statement("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT) STRICT");
constexpr auto kInsert = statement("INSERT INTO notes (body) VALUES ($1)");
constexpr auto kDelete = statement("DELETE FROM notes");
constexpr auto kCount = statement("SELECT COUNT(*) FROM notes");

class SqliteFile : public testing::Test {
protected:
    SqliteFile() {
        std::string name = (fs::temp_directory_path() / "doorbuster-sqlite-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        file_ = folder_ / "shop.db";
    }
    ~SqliteFile() override {
        close();
        fs::remove_all(folder_);
    }

    SqliteOptions options() {
        SqliteOptions options;
        options.file = file_;
        options.busy_max = 0ms;
        options.on_fatal = [this](const std::string& line) { fatal_.push_back(line); };
        return options;
    }
    void open() { open(options()); }
    void open(SqliteOptions with) {
        close();
        database_ = std::make_unique<SqliteDatabase>(std::move(with));
    }
    void open_with_table() {
        open();
        execute(kCreate);
    }
    void close() { database_.reset(); }

    void execute(const sql::Statement& text, sql::Params params = {}) {
        database_->write_blocking([&](Transaction& tx) { tx.execute(text, params); });
    }
    std::int64_t count(sql::Database& database) {
        return database.read_blocking([](Reader& reader) {
            return *reader.find(kCount, {}, [](const Row& row) { return row.integer(0); });
        });
    }
    std::int64_t count() { return count(*database_); }
    std::string ask(const sql::Statement& pragma) {
        return database_->write_blocking([&](Transaction& tx) {
            return *tx.find(pragma, {}, [](const Row& row) { return row.string(0); });
        });
    }
    // The line that opening ends in.
    std::string refusal() {
        try {
            open();
            return "none";
        } catch (const sql::Error& error) {
            return error.what();
        }
    }

    fs::path folder_;
    fs::path file_;
    std::vector<std::string> fatal_;
    std::unique_ptr<SqliteDatabase> database_;
};

TEST_F(SqliteFile, keeps_what_it_was_told_over_a_restart) {
    open_with_table();
    execute(kInsert, {"one"});
    open();
    EXPECT_EQ(count(), 1);
}

TEST_F(SqliteFile, is_written_with_the_settings_that_make_a_commit_durable) {
    open();
    EXPECT_EQ(ask(statement("SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous")), "2");
    EXPECT_EQ(ask(statement("SELECT journal_mode FROM pragma_journal_mode")), "wal");
    EXPECT_EQ(ask(statement("SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys")), "1");
}

TEST_F(SqliteFile, that_is_no_database_is_one_line) {
    std::ofstream{file_} << std::string(8192, 'x');
    const std::string line = refusal();
    EXPECT_NE(line.find("shop.db: "), line.npos) << line;
    EXPECT_NE(line.find("file is not a database"), line.npos) << line;
}

TEST_F(SqliteFile, that_cannot_be_made_is_one_line) {
    file_ = folder_ / "missing" / "shop.db";
    EXPECT_NE(refusal().find("unable to open database file"), std::string::npos);
    file_ = folder_;
    EXPECT_NE(refusal().find("unable to open database file"), std::string::npos);
}

TEST_F(SqliteFile, locked_by_another_process_is_one_line) {
    open_with_table();
    close();
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(
        sqlite3_exec(
            other,
            "PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; DELETE FROM notes",
            nullptr,
            nullptr,
            nullptr
        ),
        SQLITE_OK
    );
    const std::string line = refusal();
    sqlite3_close(other);
    EXPECT_NE(line.find("locked by another process"), line.npos) << line;
    EXPECT_EQ(refusal(), "none");
}

TEST_F(SqliteFile, that_is_full_refuses_writes_and_loses_nothing) {
    open_with_table();
    SqliteOptions small = options();
    small.page_count_max = 40;
    open(small);
    const std::string large(3000, 'x');
    std::int64_t acknowledged = 0;
    EXPECT_THROW(
        for (;;) {
            execute(kInsert, {large});
            ++acknowledged;
            ASSERT_LT(acknowledged, 100);
        },
        sql::Unavailable
    );
    EXPECT_GT(acknowledged, 10);
    EXPECT_EQ(count(), acknowledged);
    EXPECT_TRUE(fatal_.empty());
    execute(kDelete);  // makes room
    execute(kInsert, {large});
    EXPECT_EQ(count(), 1);
}

TEST_F(SqliteFile, on_a_full_disk_refuses_the_commit_and_goes_on_when_there_is_room) {
    test::FailingDisk disk;
    open_with_table();
    execute(kInsert, {"before"});
    disk.fail_writes(test::FailingDisk::Failure::full);
    EXPECT_THROW(execute(kInsert, {"lost"}), sql::Unavailable);
    EXPECT_THROW(execute(kInsert, {"lost"}), sql::Unavailable);
    EXPECT_EQ(count(), 1);
    disk.heal();
    execute(kInsert, {"after"});
    EXPECT_EQ(count(), 2);
    EXPECT_TRUE(fatal_.empty());
    open();
    EXPECT_EQ(count(), 2);
}

TEST_F(SqliteFile, stops_acknowledging_after_an_error_at_the_commit) {
    test::FailingDisk disk;
    open_with_table();
    execute(kInsert, {"before"});
    disk.fail_syncs();
    EXPECT_THROW(execute(kInsert, {"unknown"}), sql::CommitUnknown);
    disk.heal();
    EXPECT_THROW(execute(kInsert, {"refused"}), sql::Unavailable);
    EXPECT_THROW(execute(kInsert, {"refused"}), sql::Unavailable);
    ASSERT_EQ(fatal_.size(), 1u);
    EXPECT_NE(fatal_[0].find("shop.db: COMMIT: disk I/O error"), std::string::npos) << fatal_[0];
    EXPECT_EQ(fatal_[0].find('\n'), std::string::npos);
    open();
    EXPECT_GE(count(), 1);
    EXPECT_LE(count(), 2);
}

TEST_F(SqliteFile, stops_writing_after_a_write_error) {
    test::FailingDisk disk;
    open_with_table();
    disk.fail_writes(test::FailingDisk::Failure::io);
    EXPECT_THROW(execute(kInsert, {"unknown"}), sql::CommitUnknown);
    disk.heal();
    EXPECT_THROW(execute(kInsert, {"refused"}), sql::Unavailable);
    EXPECT_EQ(fatal_.size(), 1u);
    open();
    EXPECT_EQ(count(), 0);
}

TEST_F(SqliteFile, keeps_its_log_small) {
    open_with_table();
    SqliteOptions often = options();
    often.checkpoint_pages = 20;
    open(often);
    const std::string large(3000, 'x');
    for (int i = 0; i < 300; ++i) execute(kInsert, {large});
    EXPECT_GT(database_->stats().checkpoints, 5u);
    EXPECT_LT(fs::file_size(file_.string() + "-wal"), 60u * 4120);
    EXPECT_EQ(count(), 300);
}

TEST_F(SqliteFile, cuts_a_read_short_that_takes_too_long) {
    test::ManualClock clock;
    SqliteOptions with = options();
    with.clock = &clock;
    open(with);
    static constexpr auto kEndless =
        statement("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        );
    const auto endless = [&](Reader& reader) {
        reader.query(kEndless, {}, [&](const Row& row) {
            if (row.integer(0) == 1) clock.advance(2001ms);
        });
    };
    EXPECT_THROW(database_->read_blocking(endless), sql::Unavailable);
    execute(kCreate);
    EXPECT_EQ(count(), 0);
    close();  // before the clock that it reads
}

TEST_F(SqliteFile, is_backed_up_while_it_is_written) {
    open_with_table();
    std::promise<void> stop;
    auto stopped = stop.get_future();
    std::thread writing{[&] {
        while (stopped.wait_for(0s) != std::future_status::ready) {
            database_->write_blocking([](Transaction& tx) {
                tx.execute(kInsert, {"left"});
                tx.execute(kInsert, {"right"});
            });
        }
    }};
    const fs::path copy = folder_ / "copy.db";
    for (int i = 0; i < 5; ++i) {
        database_->backup_to(copy);
        SqliteOptions with = options();
        with.file = copy;
        const auto copied = SqliteDatabase::open_read_only(with);
        EXPECT_EQ(count(*copied) % 2, 0) << "half a transaction";
    }
    stop.set_value();
    writing.join();
    EXPECT_FALSE(fs::exists(copy.string() + ".part"));
    EXPECT_THROW(database_->backup_to(folder_ / "missing" / "copy.db"), sql::Error);
}

TEST_F(SqliteFile, can_be_opened_for_reading_beside_its_writer) {
    open_with_table();
    execute(kInsert, {"one"});
    const auto auditor = SqliteDatabase::open_read_only(options());
    EXPECT_EQ(count(*auditor), 1);
    execute(kInsert, {"two"});
    EXPECT_EQ(count(*auditor), 2);
    const auto write = [](Transaction& tx) { tx.execute(kDelete, {}); };
    EXPECT_THROW(auditor->write_blocking(write), sql::Error);
    EXPECT_EQ(count(), 2);
}

TEST_F(SqliteFile, can_be_opened_for_reading_without_its_writer) {
    open_with_table();
    execute(kInsert, {"one"});
    close();
    const auto auditor = SqliteDatabase::open_read_only(options());
    EXPECT_EQ(count(*auditor), 1);
}

TEST_F(SqliteFile, that_is_missing_is_not_made_by_reading) {
    EXPECT_THROW(SqliteDatabase::open_read_only(options()), sql::Error);
    EXPECT_FALSE(fs::exists(file_));
}

}  // namespace
}  // namespace doorbuster::sqlite
