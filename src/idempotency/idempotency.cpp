#include "idempotency/idempotency.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "core/assert.hpp"
#include "http/envelope.hpp"
#include "idempotency/sql.hpp"

namespace doorbuster::idempotency {

namespace {

constexpr std::size_t kKeyBytesMax = 255;
constexpr std::string_view kHeader = "Idempotency-Key";

using Digest = std::array<std::byte, 32>;

// SHA-256 over parts, each preceded by its length so that no two lists of parts look alike.
class Hasher {
public:
    Hasher() : context_{EVP_MD_CTX_new(), &EVP_MD_CTX_free} {
        DOORBUSTER_ASSERT(
            context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1
        );
    }
    Hasher& part(std::string_view text) {
        const std::uint64_t length = text.size();
        update(&length, sizeof length);
        update(text.data(), text.size());
        return *this;
    }
    Digest digest() {
        Digest result{};
        auto* const out = reinterpret_cast<unsigned char*>(result.data());
        DOORBUSTER_ASSERT(EVP_DigestFinal_ex(context_.get(), out, nullptr) == 1);
        return result;
    }

private:
    void update(const void* data, std::size_t size) {
        DOORBUSTER_ASSERT(EVP_DigestUpdate(context_.get(), data, size) == 1);
    }
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string hex(std::span<const std::byte> bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
        text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return text;
}

std::string owner_of(const http::Request& request) {
    if (request.app) return "a" + request.app->id.to_string();
    if (request.principal) return "u" + request.principal->user.to_string();
    return "g" + hex(Hasher{}.part(request.remote_address).digest());
}

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

struct Outcome {
    Answer answer;
    bool replayed = false;
};

Result<Outcome> answer_once(
    sql::Transaction& tx, const std::optional<Key>& key, Time now, int status, const Work& work
) {
    if (key) {
        auto first = claim(tx, *key, now);
        if (first.has_error()) return first.error();
        if (*first) return Outcome{std::move(**first), true};
    }
    auto data = work(tx);
    // The error rolls the claim back too, so a failed request may be sent again.
    if (data.has_error()) return data.error();
    Outcome outcome{{status, *std::move(data)}, false};
    if (key) remember(tx, *key, outcome.answer, now);
    return outcome;
}

// The first answer of a key. Nothing may be claimed yet, so an unknown key is an error: it rolls
// the claim back.
Result<Answer> first_answer(sql::Transaction& tx, const Key& key, Time now) {
    auto first = claim(tx, key, now);
    if (first.has_error()) return first.error();
    if (!*first) return kNotFound;
    return **std::move(first);
}

// The answer, unless another request with the key was faster: then its.
Result<Answer> note_down(sql::Transaction& tx, const Key& key, Time now, const Answer& answer) {
    auto first = claim(tx, key, now);
    if (first.has_error()) return first.error();
    if (*first) return **std::move(first);
    remember(tx, key, answer, now);
    return answer;
}

Digest fingerprint_of(const http::Request& request, std::string_view body) {
    return Hasher{}.part(to_string(request.method)).part(request.path).part(body).digest();
}

}  // namespace

Result<std::optional<Key>> key_of(const http::Request& request) {
    return key_of(request, request.body);
}

Result<std::optional<Key>> key_of(const http::Request& request, std::string_view body) {
    const std::string_view key = request.header(kHeader);
    if (key.empty()) return std::optional<Key>{};
    if (key.size() > kKeyBytesMax || !is_printable_ascii(key)) {
        return Error{
            kValidationFailed,
            std::string{kHeader},
            "must be at most 255 printable ASCII characters"};
    }
    return std::optional<Key>{
        Key{owner_of(request), std::string{key}, fingerprint_of(request, body)}};
}

Result<std::optional<Answer>> claim(sql::Transaction& tx, const Key& key, Time now) {
    struct Found {
        bool same_request = false;
        std::optional<Answer> answer;
    };
    const auto read = [&](const sql::Row& row) {
        const sql::Bytes stored = row.bytes(0);
        Found found{std::equal(
            stored.begin(), stored.end(), key.fingerprint.begin(), key.fingerprint.end()
        )};
        if (!row.is_null(1)) {
            found.answer = Answer{static_cast<int>(row.integer(1)), row.string(2)};
        }
        return found;
    };
    std::optional<Found> found;
    if (tx.dialect() == sql::Dialect::sqlite) {
        found = tx.find(queries::find_key, {key.owner, key.key}, read);
        if (!found) return std::optional<Answer>{};
    } else {
        found =
            tx.find(queries::claim, {key.owner, key.key, sql::Bytes{key.fingerprint}, now}, read);
        DOORBUSTER_ASSERT(found.has_value());
    }
    if (!found->same_request) return kIdempotencyMismatch;
    return found->answer;
}

void remember(sql::Transaction& tx, const Key& key, const Answer& answer, Time now) {
    const sql::Bytes fingerprint{key.fingerprint};
    const auto changed =
        tx.dialect() == sql::Dialect::sqlite
            ? tx.execute(
                  queries::store_key,
                  {key.owner, key.key, fingerprint, answer.status, answer.data, now}
              )
            : tx.execute(queries::remember, {key.owner, key.key, answer.status, answer.data});
    DOORBUSTER_ASSERT(changed == 1);  // only what this transaction claimed
}

std::int64_t forget(sql::Transaction& tx, Time before, std::int64_t limit) {
    return tx.execute(queries::forget, {before, limit});
}

http::Response render(const http::Request& request, const Answer& answer, bool replayed) {
    http::Response response = http::ok_json(request, answer.data, answer.status);
    if (replayed) response.with("Idempotent-Replayed", "true");
    return response;
}

Task<http::Response> respond(
    sql::Database& database, const Clock& clock, const http::Request& request, int status, Work work
) {
    auto key = key_of(request);
    if (key.has_error()) co_return http::failure(request, key.error());
    Task<http::Response> answer =
        respond(database, clock, request, *std::move(key), status, std::move(work));
    co_return co_await std::move(answer);
}

Task<http::Response> respond(
    sql::Database& database,
    const Clock& clock,
    const http::Request& request,
    std::optional<Key> key,
    int status,
    Work work
) {
    const auto answer_in = [&](sql::Transaction& tx) {
        return answer_once(tx, key, clock.now(), status, work);
    };
    const auto outcome = co_await database.write(answer_in);
    if (outcome.has_error()) co_return http::failure(request, outcome.error());
    co_return render(request, outcome->answer, outcome->replayed);
}

Task<http::Response> respond_after(
    sql::Database& database,
    const Clock& clock,
    const http::Request& request,
    int status,
    SlowWork work
) {
    const auto key = key_of(request);
    if (key.has_error()) co_return http::failure(request, key.error());
    if (*key) {
        const auto look = [&](sql::Transaction& tx) {
            return first_answer(tx, **key, clock.now());
        };
        const auto first = co_await database.write(look);
        if (first.has_value()) co_return render(request, *first, true);
        if (!first.error().is(kNotFound)) co_return http::failure(request, first.error());
    }
    Task<Result<std::string>> working = work();
    auto data = co_await std::move(working);
    if (data.has_error()) co_return http::failure(request, data.error());
    const Answer answer{status, *std::move(data)};
    if (!*key) co_return render(request, answer, false);
    const auto note = [&](sql::Transaction& tx) {
        return note_down(tx, **key, clock.now(), answer);
    };
    const auto noted = co_await database.write(note);
    if (noted.has_error()) co_return http::failure(request, noted.error());
    co_return render(request, *noted, false);
}

}  // namespace doorbuster::idempotency
