#pragma once

#include <endian.h>
#include <libpq-fe.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// PostgreSQL by its C interface: for rows that are written as fast as we know how, so that the
// product can be measured against them.
namespace doorbuster::raw {

// One column of a batch in the binary form of an array (src/backend/utils/adt/arrayfuncs.c,
// array_recv): dimensions, flags, type of the elements; size and first index of the dimension; each
// element with its size before it.
class BinaryArray {
public:
    static constexpr Oid kBytea = 17, kBigint = 20, kText = 25;  // pg_type.dat

    BinaryArray(Oid type, std::size_t size) {
        for (const std::uint32_t word : {1u, 0u, type, static_cast<std::uint32_t>(size), 1u}) {
            add_word(word);
        }
    }
    void add(std::int64_t value) {
        add_word(8);
        const std::uint64_t big = htobe64(static_cast<std::uint64_t>(value));
        bytes_.append(reinterpret_cast<const char*>(&big), sizeof big);
    }
    void add(std::string_view value) {
        add_word(static_cast<std::uint32_t>(value.size()));
        bytes_.append(value);
    }
    const std::string& bytes() const { return bytes_; }

private:
    void add_word(std::uint32_t word) {
        const std::uint32_t big = htobe32(word);
        bytes_.append(reinterpret_cast<const char*>(&big), sizeof big);
    }
    std::string bytes_;
};

// Prepared statements, many of them to a round trip. What fails ends the program.
class Pipeline {
public:
    explicit Pipeline(const std::string& conninfo) : connection_{PQconnectdb(conninfo.c_str())} {
        check(PQstatus(connection_) == CONNECTION_OK);
    }
    ~Pipeline() { PQfinish(connection_); }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    // All before begin().
    void prepare(const std::string& name, const std::string& text) {
        PGresult* const result = PQprepare(connection_, name.c_str(), text.c_str(), 0, nullptr);
        check(PQresultStatus(result) == PGRES_COMMAND_OK);
        PQclear(result);
    }
    void begin() { check(PQenterPipelineMode(connection_) == 1); }

    void send(const std::string& name, const std::vector<std::string>& values, int binary = 1) {
        std::vector<const char*> data;
        std::vector<int> sizes;
        for (const std::string& value : values) {
            data.push_back(value.data());
            sizes.push_back(static_cast<int>(value.size()));
        }
        const std::vector<int> formats(values.size(), binary);
        const int count = static_cast<int>(values.size());
        check(
            PQsendQueryPrepared(
                connection_, name.c_str(), count, data.data(), sizes.data(), formats.data(), 1
            ) == 1
        );
        ++sent_;
    }

    // Waits for all that was sent.
    void finish() {
        check(PQpipelineSync(connection_) == 1);
        for (; sent_ > 0; --sent_) {
            PGresult* const result = PQgetResult(connection_);
            const ExecStatusType status = PQresultStatus(result);
            check(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
            PQclear(result);
            check(PQgetResult(connection_) == nullptr);
        }
        PGresult* const end = PQgetResult(connection_);
        check(PQresultStatus(end) == PGRES_PIPELINE_SYNC);
        PQclear(end);
    }

private:
    void check(bool fine) const {
        if (fine) return;
        std::fprintf(stderr, "postgres: %s\n", PQerrorMessage(connection_));
        std::exit(1);
    }

    PGconn* connection_;
    std::size_t sent_ = 0;
};

}  // namespace doorbuster::raw
