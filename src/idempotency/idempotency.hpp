#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "ports/database.hpp"

// The same creating request sent twice creates once and is answered twice.
namespace doorbuster::idempotency {

// What the `Idempotency-Key` header of a request stands for.
struct Key {
    std::string owner;  // keys of different users never meet
    std::string key;
    std::array<std::byte, 32> fingerprint{};  // SHA-256 of method, path and body
};

// Nothing when the request has no such header. Errors: kValidationFailed when it is longer than 255
// characters or has others than printable ASCII.
Result<std::optional<Key>> key_of(const http::Request& request);
// The same with other bytes in place of the body, for bodies whose plain hash must not be stored
// because they hold a password.
Result<std::optional<Key>> key_of(const http::Request& request, std::string_view body);

struct Answer {
    int status = 0;
    std::string data;  // JSON text of the envelope's `data`
};

// Inside the transaction that does the work:
//  - the key is new: nothing; it is now claimed, and `remember` must follow before the commit;
//  - it is known with this request: the first answer;
//  - it is known with another request: kIdempotencyMismatch.
// Rolling back, as every error does, forgets the claim: a request that failed may be sent again.
// Two requests at once with one key: the second waits here for the first's commit. On SQLite, where
// transactions run one after the other, a new key is written by `remember` only.
Result<std::optional<Answer>> claim(sql::Transaction& tx, const Key& key, Time now);
void remember(sql::Transaction& tx, const Key& key, const Answer& answer, Time now);

// Forgets keys older than `before`; at most `limit`, so that no transaction is long.
std::int64_t forget(sql::Transaction& tx, Time before, std::int64_t limit);

// The answer as a response; a replay says so in its header.
http::Response render(const http::Request& request, const Answer& answer, bool replayed);

// The usual route in one call: claims, runs `work(tx) -> Result<std::string>` (JSON text of
// `data`), remembers and answers with `status`; a replay is answered with `Idempotent-Replayed:
// true`. Without a key, only the work.
using Work = std::function<Result<std::string>(sql::Transaction&)>;
Task<http::Response> respond(
    sql::Database& database, const Clock& clock, const http::Request& request, int status, Work work
);
// The same with a key that the caller made.
Task<http::Response> respond(
    sql::Database& database,
    const Clock& clock,
    const http::Request& request,
    std::optional<Key> key,
    int status,
    Work work
);

// For work that waits for the network and so cannot be inside the transaction that claims the key:
// looks for the first answer, works, and writes the answer down. Two requests at once with one key
// may both work; both are answered with what was written down first. So the work must be one that
// does no harm when it is done twice.
using SlowWork = std::function<Task<Result<std::string>>()>;
Task<http::Response> respond_after(
    sql::Database& database,
    const Clock& clock,
    const http::Request& request,
    int status,
    SlowWork work
);

}  // namespace doorbuster::idempotency
