#include "rehearsal/crowd.hpp"

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the frame allocator of Asio's coroutines for a mismatched pair when it inlines them.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

// What buyers and bots do on their visits.
namespace doorbuster::rehearsal {
namespace {

using namespace std::chrono_literals;

constexpr int kTriesMax = 1'000;   // of a visit that gets no answer, until the time is over
constexpr int kPreparingMax = 20;  // of a buyer who wants a token beforehand
constexpr std::string_view kAnswer = "FIXED";  // to every captcha of a rehearsal

std::string outcome_of(const Answer& answer) {
    if (answer.status == 0) return "no_answer";
    if (answer.status < 300) return answer.replayed ? "replayed" : "done";
    const std::string_view name = answer.field("error");
    return name.empty() ? "http_" + std::to_string(answer.status) : std::string{name};
}

// The server may be there again soon, or says so itself.
bool is_passing(const Answer& answer) {
    return answer.status == 0 || answer.status == 429 || answer.status >= 500;
}

std::string order_body(const std::string& token, const std::string& address) {
    return R"({"token":")" + token + R"(","address_id":")" + address + R"(","quantity":1})";
}

}  // namespace

std::chrono::milliseconds Load::Crowd::between(int low, int high) {
    return std::chrono::milliseconds{std::uniform_int_distribution<int>{low, high}(random_)};
}

Task<Load::Crowd::Ended> Load::Crowd::ask(
    HttpLine& line, Step step, const Call& call, Instant intended
) {
    const Instant deadline = Clock::now() + plan().answer_max;
    Task<Answer> asking = line.ask(call, deadline);
    const Answer answer = co_await std::move(asking);
    const Instant now = Clock::now();
    Ended ended{answer, outcome_of(answer)};
    if (step == Step::order && ended.outcome == "done") ended.outcome = "placed";
    tally_.ended(step, ended.outcome, answer.status, now - load_.start_, now - intended);
    if (answer.status == 0) ++load_.progress_.unanswered;
    co_return ended;
}

Task<void> Load::Crowd::run_visit(HttpLine& line, Visit visit) {
    switch (visit.errand) {
        case Errand::arrive:
            return arrive(line, std::move(visit));
        case Errand::order:
            return order(line, std::move(visit));
        case Errand::repeat:
            return repeat(line, std::move(visit));
        case Errand::pay:
            return pay(line, std::move(visit));
        case Errand::scan:
            return scan(line, std::move(visit));
        case Errand::cancel:
            return cancel(line, std::move(visit));
        case Errand::bot:
            break;
    }
    return bother(line, std::move(visit));
}

// The same errand once more; counted from then.
void Load::Crowd::again(Visit visit, std::chrono::milliseconds after) {
    visit.at = Clock::now() + after;
    ++visit.tries;
    if (visit.tries < kTriesMax) {
        later(std::move(visit));
        return;
    }
    give_up(visit);
}

// ---- to an order ----------------------------------------------------------------------------

// Captcha and token. Nothing: refused, and what follows from that is arranged.
Task<std::optional<std::string>> Load::Crowd::take_token(HttpLine& line, Visit& visit) {
    const std::string captcha_path = prefix_ + "captcha";
    const Call captcha{.path = captcha_path, .session = buyer(visit).session};
    Task<Ended> asking = ask(line, Step::captcha, captcha, visit.at);
    const Ended asked = co_await std::move(asking);
    if (asked.answer.status != 201) {
        refused(std::move(visit), asked);
        co_return std::nullopt;
    }
    visit.at = Clock::now();
    const std::string token_path = prefix_ + "token";
    const std::string body = R"({"captcha_id":")" + std::string{asked.answer.field("captcha_id")} +
                             R"(","answer":")" + std::string{kAnswer} + R"("})";
    const Call token{.path = token_path, .session = buyer(visit).session, .body = body};
    Task<Ended> taking = ask(line, Step::token, token, visit.at);
    const Ended taken = co_await std::move(taking);
    if (taken.answer.status != 201) {
        refused(std::move(visit), taken);
        co_return std::nullopt;
    }
    visit.at = Clock::now();
    co_return std::string{taken.answer.field("token")};
}

Task<void> Load::Crowd::arrive(HttpLine& line, Visit visit) {
    Task<std::optional<std::string>> taking = take_token(line, visit);
    auto token = co_await std::move(taking);
    if (!token) co_return;
    if (preparing_) {
        load_.tokens_[visit.buyer] = *std::move(token);
        co_return;
    }
    if (nature_of(plan(), visit.buyer).role == Role::walker) co_return;
    visit.held = std::make_unique<Held>();
    visit.held->token = *std::move(token);
    seen_token_ = visit.held->token;
    visit.errand = Errand::order;
    Task<void> ordering = order(line, std::move(visit));
    co_await std::move(ordering);
}

Task<void> Load::Crowd::order(HttpLine& line, Visit visit) {
    if (!visit.held) {  // its token was taken beforehand
        visit.held = std::make_unique<Held>();
        visit.held->token = load_.tokens_[visit.buyer];
        if (visit.held->token.empty()) co_return;
    }
    if (visit.held->key.empty()) {
        visit.held->key = "r" + load_.target_.item + '-' + std::to_string(visit.buyer) + '-' +
                          std::to_string(++visit.round);
    }
    const std::string path = prefix_ + "orders";
    const std::string body = order_body(visit.held->token, buyer(visit).address);
    const Call call{
        .path = path, .session = buyer(visit).session, .key = visit.held->key, .body = body};
    Task<Ended> asking = ask(line, Step::order, call, visit.at);
    const Ended ended = co_await std::move(asking);
    if (ended.answer.status == 201) {
        placed(std::move(visit), ended.answer);
        co_return;
    }
    if (ended.answer.status == 0 || ended.answer.status == 500) visit.doubtful = true;
    if (is_passing(ended.answer)) {
        again(std::move(visit), between(100, 500));
        co_return;
    }
    // Every other refusal is final: the order of this key is not there and will not be.
    const bool was_doubtful = visit.doubtful;
    visit.doubtful = false;
    const bool token_gone = ended.outcome.starts_with("token_");
    if (token_gone && (was_doubtful || !plan().tokens_first)) {
        visit.held.reset();  // tokens end with the server's process: to the captcha again
        visit.errand = Errand::arrive;
        again(std::move(visit), between(0, 200));
        co_return;
    }
    refused(std::move(visit), ended);
}

void Load::Crowd::refused(Visit visit, const Ended& ended) {
    if (is_passing(ended.answer)) {
        if (preparing_ && visit.tries >= kPreparingMax) return;
        again(std::move(visit), between(100, 500));
        return;
    }
    visit.held.reset();
    visit.errand = Errand::arrive;
    const bool door_full = ended.outcome == "door_full";
    const bool captcha_lost = ended.outcome.starts_with("captcha_");  // with the old process
    const bool hopes = ended.outcome == "sold_out" && nature_of(plan(), visit.buyer).hopes;
    visit.hoping = hopes;
    if (door_full || captcha_lost || hopes) {
        const bool patient = !preparing_ || visit.tries < kPreparingMax;
        if (patient && !plan().tokens_first) {
            again(std::move(visit), captcha_lost ? between(0, 200) : between(500, 1'500));
            return;
        }
    }
    ++load_.progress_.refused;
}

// ---- after an order -------------------------------------------------------------------------

void Load::Crowd::placed(Visit visit, const Answer& answer) {
    visit.held->order_no = std::string{answer.field("order_no")};
    load_.recorder_.note(visit.buyer, visit.held->order_no);
    ++load_.progress_.placed;
    if (plan().tokens_first) return;
    const Nature nature = nature_of(plan(), visit.buyer);
    visit.doubtful = false;
    visit.tries = 0;
    if (nature.asks_again) {
        visit.errand = Errand::repeat;
        again(std::move(visit), between(0, 300));
    } else if (nature.role == Role::payer && plan().payments) {
        visit.errand = Errand::pay;
        again(std::move(visit), between(100, 2'000));
    } else if (nature.role == Role::canceller) {
        visit.errand = Errand::cancel;
        again(std::move(visit), between(100, 1'500));
    }
}

Task<void> Load::Crowd::repeat(HttpLine& line, Visit visit) {
    const std::string path = prefix_ + "orders";
    const std::string body = order_body(visit.held->token, buyer(visit).address);
    const Call call{
        .path = path, .session = buyer(visit).session, .key = visit.held->key, .body = body};
    Task<Ended> asking = ask(line, Step::repeat, call, visit.at);
    const Ended ended = co_await std::move(asking);
    if (is_passing(ended.answer)) {
        again(std::move(visit), between(100, 500));
        co_return;
    }
    const bool same =
        ended.answer.status == 201 && ended.answer.field("order_no") == visit.held->order_no;
    if (!same) ++findings_.other_orders;
    const Role role = nature_of(plan(), visit.buyer).role;
    visit.tries = 0;
    if (role == Role::payer && plan().payments) {
        visit.errand = Errand::pay;
        again(std::move(visit), between(100, 1'500));
    } else if (role == Role::canceller) {
        visit.errand = Errand::cancel;
        again(std::move(visit), between(100, 1'000));
    }
}

Task<void> Load::Crowd::pay(HttpLine& line, Visit visit) {
    const std::string body =
        R"({"order_no":")" + visit.held->order_no + R"(","provider":"wechat_pay"})";
    const Call call{.path = "/api/v1/payments", .session = buyer(visit).session, .body = body};
    Task<Ended> asking = ask(line, Step::payment, call, visit.at);
    const Ended ended = co_await std::move(asking);
    if (ended.answer.status == 201 || ended.answer.status == 200) {
        visit.held->code_url = std::string{ended.answer.field("code_url")};
    }
    if (is_passing(ended.answer) || (ended.answer.status < 300 && visit.held->code_url.empty())) {
        again(std::move(visit), between(200, 1'000));
        co_return;
    }
    if (ended.answer.status >= 300) co_return;  // it may have expired meanwhile
    visit.errand = Errand::scan;
    visit.tries = 0;
    visit.at = Clock::now();
    Task<void> scanning = scan(line, std::move(visit));
    co_await std::move(scanning);
}

Task<void> Load::Crowd::scan(HttpLine& line, Visit visit) {
    const std::string body = R"({"code_url":")" + visit.held->code_url + R"("})";
    const Call call{.path = "/sandbox/scan", .body = body};
    Task<Ended> asking = ask(line, Step::scan, call, visit.at);
    const Ended ended = co_await std::move(asking);
    if (is_passing(ended.answer)) {
        again(std::move(visit), between(200, 1'000));
        co_return;
    }
    if (ended.answer.status == 200) {
        ++findings_.paid;
        ++load_.progress_.paid;
    }
}

Task<void> Load::Crowd::cancel(HttpLine& line, Visit visit) {
    const std::string path = "/api/v1/orders/" + visit.held->order_no + "/cancel";
    const Call call{.path = path, .session = buyer(visit).session};
    Task<Ended> asking = ask(line, Step::cancel, call, visit.at);
    const Ended ended = co_await std::move(asking);
    if (is_passing(ended.answer)) {
        again(std::move(visit), between(100, 500));
        co_return;
    }
    if (ended.answer.status == 200) ++findings_.cancelled;
}

// ---- bots -----------------------------------------------------------------------------------

namespace {

enum class Trick {
    no_session,
    guess_captcha,
    forge_token,
    steal_token,
    bad_json,
    many_units,
    captchas,
};
constexpr std::uint64_t kTricks = 7;

std::string garbage(Trick trick, const std::string& stolen, const std::string& address) {
    if (trick == Trick::captchas) return {};
    if (trick == Trick::guess_captcha) return R"({"captcha_id":"0123456789","answer":"AAAAA"})";
    if (trick == Trick::bad_json) return R"({"token":["x)";
    if (trick == Trick::many_units) {
        return R"({"token":"x","address_id":"1","quantity":9223372036854775807})";
    }
    const bool steals = trick == Trick::steal_token && !stolen.empty();
    return order_body(steals ? stolen : std::string(107, 'A'), address);
}

std::string_view door_of(Trick trick) {
    if (trick == Trick::captchas) return "captcha";
    return trick == Trick::guess_captcha ? "token" : "orders";
}

}  // namespace

// One request of a script that tries its luck. None of them may ever get an order.
Task<void> Load::Crowd::bother(HttpLine& line, Visit visit) {
    const auto trick = static_cast<Trick>(random_() % kTricks);
    const std::string path = prefix_ + std::string{door_of(trick)};
    const std::string body = garbage(trick, seen_token_, buyer(visit).address);
    Call call{.path = path, .body = body};
    if (trick != Trick::no_session) call.session = buyer(visit).session;
    Task<Ended> asking = ask(line, Step::bot, call, visit.at);
    const Ended ended = co_await std::move(asking);
    const bool served = ended.answer.status < 300 && ended.answer.status > 0;
    if (served && trick != Trick::captchas) ++findings_.bot_orders;
}

}  // namespace doorbuster::rehearsal
