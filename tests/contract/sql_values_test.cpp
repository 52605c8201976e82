#include <cmath>
#include <limits>
#include <thread>

#include "contract/sql_contract.hpp"

// What goes into a database comes out the same, on both engines.
namespace doorbuster {
namespace {

using namespace std::literals;
using sql::Bytes;
using sql::ColumnType;
using sql::Row;
using sql::Transaction;
using test::statement;

class SqlValues : public test::SqlContract {
protected:
    template <class Map>
    auto first(const sql::Statement& text, sql::Params params, Map map) {
        const auto value = database().read_blocking([&](sql::Reader& reader) {
            return reader.find(text, params, map);
        });
        if (!value) throw std::runtime_error{"no row"};
        return *value;
    }
    template <class Map>
    auto same_again(const char* column, const sql::Param& param, Map map) {
        execute("DELETE FROM things");
        execute("INSERT INTO things (id, "s + column + ") VALUES (1, $1)", {param});
        const std::string text = "SELECT "s + column + " FROM things";
        return first(statement(text), {}, map);
    }
    std::int64_t integer_again(std::int64_t value) {
        return same_again("i", value, [](const Row& row) { return row.integer(0); });
    }
    double real_again(double value) {
        return same_again("r", value, [](const Row& row) { return row.real(0); });
    }
    std::string text_again(std::string_view value) {
        return same_again("t", value, [](const Row& row) { return row.string(0); });
    }
    std::string bytes_again(std::string_view value) {
        return same_again("b", std::as_bytes(std::span{value}), [](const Row& row) {
            const Bytes bytes = row.bytes(0);
            return std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        });
    }
};
DOORBUSTER_ON_BOTH_ENGINES(SqlValues);

TEST_P(SqlValues, integers_keep_all_their_bits) {
    using Limits = std::numeric_limits<std::int64_t>;
    for (const std::int64_t value :
         {std::int64_t{0}, std::int64_t{-1}, Limits::min(), Limits::max(), std::int64_t{1} << 53}) {
        EXPECT_EQ(integer_again(value), value);
    }
}

TEST_P(SqlValues, reals_keep_all_their_bits) {
    using Limits = std::numeric_limits<double>;
    for (const double value :
         {0.0,
          0.1,
          -1.0 / 3,
          Limits::max(),
          Limits::lowest(),
          Limits::min(),
          Limits::denorm_min(),
          Limits::infinity(),
          1e15 + 0.3}) {
        EXPECT_EQ(real_again(value), value);
    }
    EXPECT_THROW(real_again(Limits::quiet_NaN()), sql::Error);
}

TEST_P(SqlValues, texts_are_any_utf8) {
    for (const auto value :
         {""sv,
          "a"sv,
          "中文，秒杀"sv,
          "😀🀄"sv,
          "it's \"quoted\" \\ % _ {a,b} $1 ?1 -- ; \n\r\t\x01\x7f"sv,
          "\xEF\xBF\xBD\xF4\x8F\xBF\xBF\xEE\x80\x80"sv}) {
        EXPECT_EQ(text_again(value), value);
    }
    const std::string large(1'000'000, 'x');
    EXPECT_EQ(text_again(large), large);
}

TEST_P(SqlValues, bytes_are_any_bytes) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    for (const auto value : {""sv, "\0"sv, "a\0b\0"sv, std::string_view{all}}) {
        EXPECT_EQ(bytes_again(value), value);
    }
}

TEST_P(SqlValues, a_text_that_one_engine_refuses_is_refused_by_both) {
    const auto bad = {
        "\0"sv,
        "a\0b"sv,
        "12345678\0"sv,
        "\x80"sv,
        "\xC3"sv,
        "\xC0\x80"sv,
        "\xE0\x80\x80"sv,
        "\xED\xA0\x80"sv,
        "\xE4\xB8"sv,
        "\xF4\x90\x80\x80"sv,
        "\xF0\x80\x80\x80"sv,
        "\xFF"sv,
        "12345678\xFE"sv,
        "\xE4\xB8\x41"sv};
    for (const auto value : bad) EXPECT_THROW(text_again(value), sql::Error);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM things"), 0);
}

TEST_P(SqlValues, nothing_is_not_empty) {
    execute("INSERT INTO things (id, t, b) VALUES (1, $1, $2)", {std::string_view{}, Bytes{}});
    execute(
        "INSERT INTO things (id, i, r, t, b) VALUES (2, $1, $2, $3, $4)",
        {std::optional<std::int64_t>{}, std::nullopt, std::optional<std::string>{}, std::nullopt}
    );
    EXPECT_EQ(integer("SELECT COUNT(*) FROM things WHERE t = '' AND length(b) = 0"), 1);
    const auto all_null = statement("SELECT i, r, t, b FROM things WHERE id = 2");
    const auto count_nulls = [](const Row& row) {
        int nulls = 0;
        for (int i = 0; i < row.size(); ++i) nulls += row.is_null(i) ? 1 : 0;
        EXPECT_FALSE(row.optional_integer(0));
        EXPECT_FALSE(row.optional_string(2));
        return nulls;
    };
    EXPECT_EQ(first(all_null, {}, count_nulls), 4);
}

TEST_P(SqlValues, reading_what_is_not_there_is_an_error) {
    execute("INSERT INTO things (id, i, t) VALUES (1, NULL, 'text')");
    const auto row_of_two = statement("SELECT i, t FROM things");
    const auto reading = [&](auto read) {
        return [this, &row_of_two, read] { first(row_of_two, {}, read); };
    };
    EXPECT_THROW(reading([](const Row& row) { return row.integer(0); })(), sql::Error);
    EXPECT_THROW(reading([](const Row& row) { return row.string(0); })(), sql::Error);
    EXPECT_THROW(reading([](const Row& row) { return row.integer(1); })(), sql::Error);
    EXPECT_THROW(reading([](const Row& row) { return row.real(1); })(), sql::Error);
    EXPECT_THROW(reading([](const Row& row) { return row.bytes(1).size(); })(), sql::Error);
    EXPECT_THROW(reading([](const Row& row) { return row.is_null(2); })(), sql::Error);
    EXPECT_THROW(reading([](const Row& row) { return row.is_null(-1); })(), sql::Error);
}

TEST_P(SqlValues, counts_sums_and_comparisons_are_integers) {
    execute("INSERT INTO things (id, i) VALUES (1, 9000000000000000000), (2, -5), (3, NULL)");
    const std::int64_t big = 9'000'000'000'000'000'000;
    EXPECT_EQ(integer("SELECT COUNT(*) FROM things"), 3);
    EXPECT_EQ(integer("SELECT SUM(i) FROM things"), big - 5);
    EXPECT_EQ(integer("SELECT SUM(i) FROM things WHERE id = 2"), -5);
    EXPECT_EQ(integer("SELECT SUM(i) - SUM(i) FROM things"), 0);
    EXPECT_EQ(integer("SELECT MAX(i) FROM things"), big);
    EXPECT_EQ(integer("SELECT 1 < 2"), 1);
    EXPECT_EQ(integer("SELECT 7"), 7);
}

TEST_P(SqlValues, parameters_go_by_their_number) {
    const auto text =
        "SELECT CAST($3 AS BIGINT) * 100 + CAST($1 AS BIGINT) * 10 + CAST($3 AS BIGINT) +"
        " CAST($2 AS BIGINT)";
    EXPECT_EQ(integer(text, {1, 2, 3}), 315);
    EXPECT_THROW(integer(text, {1, 2}), sql::Error);
    EXPECT_THROW(integer(text, {1, 2, 3, 4}), sql::Error);
}

TEST_P(SqlValues, a_statement_tells_how_many_rows_it_changed) {
    EXPECT_EQ(execute("INSERT INTO things (id, i) VALUES (1, 1), (2, 1), (3, 2)"), 3);
    EXPECT_EQ(execute("UPDATE things SET i = 5 WHERE i = 1"), 2);
    EXPECT_EQ(execute("UPDATE things SET i = 5 WHERE i = 1"), 0);
    EXPECT_EQ(execute("INSERT INTO things (id) VALUES (1) ON CONFLICT DO NOTHING"), 0);
    EXPECT_EQ(execute("SELECT id FROM things"), 0);
    EXPECT_EQ(execute("CREATE INDEX things_i ON things (i)"), 0);
    EXPECT_EQ(execute("DELETE FROM things"), 3);
}

TEST_P(SqlValues, returning_gives_the_rows_of_a_write) {
    add_owner(1);
    static constexpr auto kInsert =
        statement("INSERT INTO pets (owner, name) VALUES ($1, $2) RETURNING id, name");
    const auto insert = [](Transaction& tx) {
        return tx.find(kInsert, {1, "cat"}, [](const Row& row) { return row.integer(0); });
    };
    const auto id = database().write_blocking(insert);
    ASSERT_TRUE(id);
    EXPECT_EQ(text("SELECT name FROM pets WHERE id = $1", {*id}), "cat");
}

TEST_P(SqlValues, many_statements_are_kept_on_every_connection) {
    std::vector<std::string> texts;
    for (int i = 0; i < 300; ++i) texts.push_back("SELECT " + std::to_string(i));
    for (int round = 0; round < 2; ++round) {
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 3; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < 300; ++i) {
                    EXPECT_EQ(integer(texts[static_cast<std::size_t>(i)]), i);
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
}

TEST_P(SqlValues, a_statement_made_at_the_place_of_another_is_not_taken_for_it) {
    sql::Statement place = statement("SELECT 1");
    const auto value = [](const Row& row) { return row.integer(0); };
    EXPECT_EQ(first(place, {}, value), 1);
    place = statement("SELECT 22");
    EXPECT_EQ(first(place, {}, value), 22);
}

TEST_P(SqlValues, a_query_may_be_run_while_reading_another) {
    execute("INSERT INTO things (id) VALUES (1), (2), (3)");
    static constexpr auto kIds = statement("SELECT id FROM things ORDER BY id");
    static constexpr auto kAbove = statement("SELECT COUNT(*) FROM things WHERE id > $1");
    const auto pairs = [](sql::Reader& reader) {
        std::int64_t sum = 0;
        reader.query(kIds, {}, [&](const Row& row) {
            reader.query(kAbove, {row.integer(0)}, [&](const Row& inner) {
                sum += inner.integer(0);
            });
        });
        return sum;
    };
    EXPECT_EQ(database().read_blocking(pairs), 3);
    const auto same_query = [](sql::Reader& reader) {
        int rows = 0;
        reader.query(kIds, {}, [&](const Row&) {
            reader.query(kIds, {}, [&](const Row&) { ++rows; });
        });
        return rows;
    };
    EXPECT_EQ(database().read_blocking(same_query), 9);
}

constexpr sql::BulkInsert::Column kThingColumns[] = {
    {"id", ColumnType::integer},
    {"i", ColumnType::integer},
    {"r", ColumnType::real},
    {"t", ColumnType::text},
    {"b", ColumnType::bytes}};
constexpr sql::BulkInsert kThings{"test.things", "things", kThingColumns};
constexpr sql::BulkInsert kNewThings{
    "test.new_things", "things", kThingColumns, "ON CONFLICT DO NOTHING"};

class SqlBulk : public SqlValues {
protected:
    std::int64_t insert(const sql::BulkInsert& how, const std::vector<sql::Param>& values) {
        return database().write_blocking([&](Transaction& tx) {
            return tx.insert_many(how, values);
        });
    }
};
DOORBUSTER_ON_BOTH_ENGINES(SqlBulk);

TEST_P(SqlBulk, takes_none_one_or_a_thousand_rows) {
    EXPECT_EQ(insert(kThings, {}), 0);
    EXPECT_EQ(insert(kThings, {-1, 2, 0.5, "text", Bytes{}}), 1);
    std::vector<sql::Param> values;
    for (int i = 0; i < 1000; ++i) {
        values.insert(values.end(), {i, i * 2, i / 4.0, "中文", std::nullopt});
    }
    EXPECT_EQ(insert(kThings, values), 1000);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM things WHERE t = '中文' AND b IS NULL"), 1000);
    EXPECT_EQ(integer("SELECT SUM(i) FROM things"), 999'002);
}

TEST_P(SqlBulk, leaves_out_rows_that_are_there) {
    execute("INSERT INTO things (id) VALUES (2)");
    EXPECT_EQ(
        insert(
            kNewThings, {1, 1, 1.0, "a", Bytes{}, 2, 2, 2.0, "b", Bytes{}, 3, 3, 3.0, "c", Bytes{}}
        ),
        2
    );
    EXPECT_EQ(integer("SELECT COUNT(*) FROM things WHERE t = 'b'"), 0);
}

TEST_P(SqlBulk, keeps_every_character) {
    const auto hazards = {
        "\\"sv,
        ","sv,
        "{}"sv,
        "\""sv,
        "'"sv,
        "NULL"sv,
        "null"sv,
        ""sv,
        "{\"a\\\",b}"sv,
        " "sv,
        "\n"sv,
        "(1,2)"sv,
        "\\N"sv,
        "😀"sv};
    std::vector<sql::Param> values;
    int id = 0;
    for (const auto hazard : hazards) {
        values.insert(
            values.end(),
            {++id, std::nullopt, std::nullopt, hazard, std::as_bytes(std::span{hazard})}
        );
    }
    EXPECT_EQ(insert(kThings, values), id);
    static constexpr auto kAll = statement("SELECT t, b FROM things ORDER BY id");
    const auto all = database().read_blocking([](sql::Reader& reader) {
        return reader.all(kAll, {}, [](const Row& row) {
            const Bytes bytes = row.bytes(1);
            EXPECT_EQ(
                row.text(0),
                (std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()})
            );
            return row.string(0);
        });
    });
    EXPECT_EQ(all, (std::vector<std::string>{hazards.begin(), hazards.end()}));
}

TEST_P(SqlBulk, is_all_or_nothing) {
    EXPECT_THROW(
        insert(kThings, {1, 1, 1.0, "a", Bytes{}, 1, 2, 2.0, "b", Bytes{}}),
        sql::ConstraintViolation
    );
    EXPECT_THROW(insert(kThings, {1, 1, 1.0, "a\0b"sv, Bytes{}}), sql::Error);
    EXPECT_THROW(insert(kThings, {1, 1}), sql::Error);
    EXPECT_EQ(integer("SELECT COUNT(*) FROM things"), 0);
}

class SqlConstraints : public test::SqlContract {
protected:
    // "unique owners.name" or what else a statement was refused for.
    std::string refusal(std::string_view text) {
        try {
            execute(text);
            return "none";
        } catch (const sql::ConstraintViolation& violation) {
            using Kind = sql::ConstraintViolation::Kind;
            const auto name = violation.kind() == Kind::unique        ? "unique "s
                              : violation.kind() == Kind::foreign_key ? "foreign_key "s
                              : violation.kind() == Kind::check       ? "check "s
                                                                      : "not_null "s;
            return name + violation.subject();
        }
    }
};
DOORBUSTER_ON_BOTH_ENGINES(SqlConstraints);

TEST_P(SqlConstraints, are_told_apart) {
    execute("INSERT INTO owners (id, name, age) VALUES (1, 'Li', 30)");
    EXPECT_EQ(
        refusal("INSERT INTO owners (id, name, age) VALUES (1, 'Wu', 30)"),
        on_sqlite() ? "unique owners.id" : "unique owners_pkey"
    );
    EXPECT_EQ(
        refusal("INSERT INTO owners (id, name, age) VALUES (2, 'Li', 30)"),
        on_sqlite() ? "unique owners.name" : "unique owners_name_unique"
    );
    EXPECT_EQ(
        refusal("INSERT INTO owners (id, name, age) VALUES (2, 'Wu', -1)"), "check owners_age_check"
    );
    EXPECT_EQ(
        refusal("INSERT INTO owners (id, name, age) VALUES (2, NULL, 1)"), "not_null owners.name"
    );
    EXPECT_EQ(
        refusal("INSERT INTO pets (owner, name) VALUES (9, 'cat')").substr(0, 11), "foreign_key"
    );
    execute("INSERT INTO pets (owner, name) VALUES (1, 'cat')");
    EXPECT_EQ(refusal("DELETE FROM owners WHERE id = 1").substr(0, 11), "foreign_key");
    EXPECT_EQ(owners(), 1);
}

TEST_P(SqlConstraints, are_not_what_a_wrong_statement_meets) {
    EXPECT_THROW(execute("INSERT INTO nowhere (id) VALUES (1)"), sql::Error);
    try {
        execute("SELEKT 1");
        FAIL() << "a wrong statement ran";
    } catch (const sql::ConstraintViolation&) {
        FAIL() << "a wrong statement is no constraint";
    } catch (const sql::Unavailable&) {
        FAIL() << "a wrong statement is no outage";
    } catch (const sql::Error&) {
    }
}

}  // namespace
}  // namespace doorbuster
