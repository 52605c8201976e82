#include <array>
#include <cstdio>

#include "adapters/pay_wire/file_hash.hpp"
#include "adapters/wechat_pay/answers.hpp"
#include "adapters/wechat_pay/bill_parser.hpp"
#include "adapters/wechat_pay/bill_ticket.hpp"
#include "adapters/wechat_pay/provider.hpp"
#include "ports/log.hpp"

namespace doorbuster::wechat_pay {

using pay_wire::InflatedFile;

namespace {

using Downloaded = BillProvider::Downloaded;
using DownloadOutcome = PaymentProvider::Outcome<Downloaded>;

std::string date_text(std::chrono::year_month_day day) {
    std::array<char, 32> text{};
    const int length = std::snprintf(
        text.data(),
        text.size(),
        "%04d-%02u-%02u",
        static_cast<int>(day.year()),
        static_cast<unsigned>(day.month()),
        static_cast<unsigned>(day.day())
    );
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string bill_path(BillKind kind, std::chrono::year_month_day day) {
    const std::string date = "bill_date=" + date_text(day);
    return kind == BillKind::trade
               ? "/v3/bill/tradebill?" + date + "&bill_type=ALL&tar_type=GZIP"
               : "/v3/bill/fundflowbill?" + date + "&account_type=BASIC&tar_type=GZIP";
}

// Bills of a day are made from nine o'clock of the next on, Beijing time; an hour later, one that
// does not exist will not come.
bool is_complete(std::chrono::year_month_day day, Time now) {
    constexpr std::chrono::hours kBeijing{8};
    constexpr std::chrono::hours kAllMade{24 + 10};
    return now >= std::chrono::sys_days{day} - kBeijing + kAllMade;
}

DownloadOutcome no_bill(std::string code, std::string why) {
    return refused<Downloaded>({std::move(code), std::move(why)});
}

// Whether the file is the bill that the signed answer named.
Task<DownloadOutcome> checked(std::filesystem::path file, std::string sha1) {
    try {
        const auto format = InflatedFile::format_of(file);
        auto of_content = pay_wire::Digest::sha1();
        const std::string found = co_await pay_wire::hash_of(file, format, std::move(of_content));
        if (found != sha1) co_return no_bill("BAD_FILE", "the file is not the one that was named");
        auto of_bytes = pay_wire::Digest::sha256();
        constexpr auto kAsItIs = InflatedFile::Format::plain;
        std::string sha256 = co_await pay_wire::hash_of(file, kAsItIs, std::move(of_bytes));
        co_return accepted(Downloaded{false, std::move(sha256)});
    } catch (const BadBill& bad) {
        co_return no_bill("BAD_FILE", bad.what());
    }
}

}  // namespace

Task<DownloadOutcome> WechatPay::download_bill(
    BillKind kind, std::chrono::year_month_day day, const std::filesystem::path& file
) {
    Call call{.operation = "bill", .method = "GET", .path = bill_path(kind, day)};
    call.number = date_text(day);
    const Answer answer = co_await client_.call(std::move(call));
    const auto ticket =
        answer.status == 200 && answer.verified ? parse_bill_ticket(answer.body) : std::nullopt;
    if (!ticket) {
        PaymentProvider::Refused why = refusal_of(answer);
        const bool nothing = is_verified_4xx(answer) && why.code == "NOSTATEMENTEXIST";
        if (nothing && is_complete(day, clock_.now())) co_return accepted(Downloaded{true, ""});
        co_return refused<Downloaded>(std::move(why));
    }
    if (!may_download_from(ticket->url, config_)) {
        const std::string address = ticket->url.substr(0, ticket->url.find('?'));
        log::error("wechat_pay.bill_address_refused", {{"address", address}});
        co_return no_bill("BAD_ADDRESS", "the bill is not to be fetched from WeChat Pay");
    }
    const Answer fetched = co_await client_.download(ticket->url, file);
    if (fetched.status != 200) co_return refused<Downloaded>(refusal_of(fetched));
    DownloadOutcome outcome = co_await checked(file, ticket->sha1);
    std::error_code ignored;
    if (!outcome.value) std::filesystem::remove(file, ignored);
    co_return outcome;
}

BillSummary WechatPay::read_bill(
    BillKind kind, const std::filesystem::path& file, const std::function<void(const BillRow&)>& row
) const {
    InflatedFile content{file, InflatedFile::format_of(file)};
    BillParser parser{kind, row};
    for (auto piece = content.next(); !piece.empty(); piece = content.next()) parser.take(piece);
    return parser.finish();
}

}  // namespace doorbuster::wechat_pay
