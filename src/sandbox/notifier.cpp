#include <array>
#include <boost/json/serialize.hpp>

#include "ports/log.hpp"
#include "sandbox/sandbox.hpp"

// Tells the merchant of payments, again and again until it says that it has understood.
namespace doorbuster::sandbox {

namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr Milliseconds kAnswerWithin = seconds{5};
// Longer than a delivery can take, so that nothing is delivered by two at once.
constexpr Milliseconds kLease = seconds{30};

// The documented waits between deliveries: 15 of them, 24 h 4 m in all.
constexpr std::array kWaits{
    seconds{15},
    seconds{15},
    seconds{30},
    seconds{180},
    seconds{600},
    seconds{1200},
    seconds{1800},
    seconds{1800},
    seconds{1800},
    seconds{3600},
    seconds{10'800},
    seconds{10'800},
    seconds{10'800},
    seconds{21'600},
    seconds{21'600}};

constexpr std::string_view kAssociatedData = "transaction";

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

std::string envelope(const DueNotification& due, std::string_view nonce, std::string_view sealed) {
    return json::serialize(json::object{
        {"id", due.event_id},
        {"create_time", to_rfc3339(due.created_at)},
        {"resource_type", "encrypt-resource"},
        {"event_type", "TRANSACTION.SUCCESS"},
        {"summary", "支付成功"},
        {"resource",
         json::object{
             {"original_type", "transaction"},
             {"algorithm", "AEAD_AES_256_GCM"},
             {"ciphertext", view(sealed)},
             {"associated_data", view(kAssociatedData)},
             {"nonce", view(nonce)}}}});
}

}  // namespace

OutboundRequest Sandbox::notification_of(const DueNotification& due) {
    Trade told = due.trade;
    if (faults_.strikes(Faults::Point::wrong_amount)) told.total += Money::fen(1);
    const std::string nonce = random_.token(12);
    const std::string sealed = seal(
        identity_.merchant.apiv3_key.reveal(),
        nonce,
        kAssociatedData,
        transaction_json(told, identity_.merchant)
    );
    OutboundRequest request;
    request.method = "POST";
    request.url = due.trade.notify_url;
    request.body = envelope(due, nonce, sealed);
    request.total_timeout = kAnswerWithin;
    request.answer_bytes_max = 64 * 1024;
    // A signature of other bytes is well-formed and wrong.
    const bool spoilt = faults_.strikes(Faults::Point::bad_signature);
    request.headers = gate_.proof_of(spoilt ? request.body + " " : request.body);
    request.headers.emplace_back("Content-Type", "application/json");
    request.headers.emplace_back("Request-ID", "08" + random_.token(30) + "-0");
    return request;
}

Task<bool> Sandbox::deliver_due_notification() {
    const Time now = clock_.now();
    const auto claim = [now](sql::Transaction& tx) {
        return claim_notification(tx, now, now + kLease);
    };
    const auto due = co_await database_.write(claim);
    if (!due) co_return false;

    const bool accepted = co_await deliver(*due);
    const Time after = clock_.now();
    const auto again = next_attempt(due->attempts, after);
    const auto note = [id = due->id, accepted, after, again](sql::Transaction& tx) {
        if (accepted) return accept_notification(tx, id, after);
        postpone_notification(tx, id, again);
    };
    co_await database_.write(note);
    co_return true;
}

Task<bool> Sandbox::deliver(const DueNotification& due) {
    OutboundRequest request = notification_of(due);
    int status = 0;
    try {
        const OutboundResponse answer = co_await http_.send(std::move(request));
        status = answer.status;
    } catch (const HttpClient::Failed& failed) {
        log::info(
            "sandbox.notification_failed",
            {{"out_trade_no", due.trade.out_trade_no}, {"reason", failed.what()}}
        );
    }
    // Only the status decides, whatever the body says.
    co_return status / 100 == 2;
}

std::optional<Time> Sandbox::next_attempt(int attempts, Time now) const {
    const auto wait = static_cast<std::size_t>(attempts - 1);
    if (wait >= kWaits.size()) return std::nullopt;
    const auto scaled = std::chrono::duration<double>(kWaits[wait]) * options_.time_scale;
    return now + std::chrono::ceil<Milliseconds>(scaled);
}

}  // namespace doorbuster::sandbox
