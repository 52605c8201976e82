#include <array>
#include <fstream>
#include <utility>

#include "adapters/alipay/beijing_time.hpp"
#include "adapters/alipay/bill_text.hpp"
#include "adapters/alipay/bill_url.hpp"
#include "adapters/alipay/provider.hpp"
#include "adapters/alipay/refusals.hpp"
#include "adapters/alipay/zip_file.hpp"
#include "adapters/pay_wire/file_hash.hpp"
#include "ports/log.hpp"

namespace doorbuster::alipay {

namespace {

using Downloaded = BillProvider::Downloaded;

constexpr std::size_t kBillBytesMax = 256 * 1024 * 1024;
constexpr std::chrono::milliseconds kBillTimeout = std::chrono::minutes{5};
// Bills are made from nine o'clock of the next day on, Beijing time. One that does not exist two
// days later will not come.
bool has_come_or_never_will(std::chrono::year_month_day day, Time now) {
    constexpr std::chrono::hours kBeijing{8};
    constexpr std::chrono::hours kAllMade{24 + 48};
    return now >= std::chrono::sys_days{day} - kBeijing + kAllMade;
}

PaymentProvider::Outcome<Downloaded> no_bill(std::string code, std::string why) {
    return refused<Downloaded>({std::move(code), std::move(why)});
}

bool is_zip(const std::filesystem::path& file) {
    std::array<char, 2> mark{};
    std::ifstream in{file, std::ios::binary};
    return in.read(mark.data(), mark.size()) && mark[0] == 'P' && mark[1] == 'K';
}

}  // namespace

Task<PaymentProvider::Outcome<Downloaded>> Alipay::download_bill(
    BillKind kind, std::chrono::year_month_day day, const std::filesystem::path& file
) {
    Call call{
        "alipay.data.dataservice.bill.downloadurl.query", bill_content(kind, day), to_text(day)};
    const Answer answer = co_await client_.call(std::move(call));
    const Result result = result_of(answer);
    const auto address = is_done(result) ? parse_bill_address(answer.node) : std::nullopt;
    if (!address) {
        const bool never = is_missing_bill(result) && has_come_or_never_will(day, clock_.now());
        if (never) co_return accepted(Downloaded{true, {}});
        PaymentProvider::Refused why = refusal_of(answer, result);
        why.final_answer = is_final_for_bill(result);
        co_return refused<Downloaded>(std::move(why));
    }
    if (address->empty) co_return accepted(Downloaded{true, {}});
    if (!is_allowed_bill_url(address->url, config_.gateway_url, config_.bill_hosts)) {
        log::error("alipay.bill_address_refused");
        co_return no_bill("BAD_ADDRESS", "the bill is not to be fetched from Alipay");
    }
    co_return co_await save_bill(address->url, file);
}

// The address is good for 30 seconds and for anyone.
Task<PaymentProvider::Outcome<Downloaded>> Alipay::save_bill(
    std::string url, std::filesystem::path file
) {
    OutboundRequest request;
    request.url = std::move(url);
    request.answer_bytes_max = kBillBytesMax;
    request.total_timeout = kBillTimeout;
    request.save_to = file;
    OutboundResponse response;
    std::string failure;
    try {
        response = co_await client_.fetch(std::move(request));
        if (response.status != 200) failure = "HTTP status " + std::to_string(response.status);
    } catch (const HttpClient::Failed& failed) {
        failure = failed.what();
    }
    if (failure.empty() && !is_zip(file)) failure = "what came is no zip file";
    if (!failure.empty()) {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
        co_return no_bill("BAD_FILE", std::move(failure));
    }
    auto digest = pay_wire::Digest::sha256();
    constexpr auto kAsItIs = pay_wire::InflatedFile::Format::plain;
    std::string sha256 = co_await pay_wire::hash_of(file, kAsItIs, std::move(digest));
    co_return accepted(Downloaded{false, std::move(sha256)});
}

BillSummary Alipay::read_bill(
    BillKind kind, const std::filesystem::path& file, const std::function<void(const BillRow&)>& row
) const {
    ZipFile archive{file};
    for (std::size_t entry = 0; entry < archive.entries(); ++entry) {
        BillText text{kind, row};
        bool details = true;
        archive.read(entry, [&](std::string_view bytes) { return details = text.take(bytes); });
        if (details) return text.finish();
    }
    throw BadBill{"the archive holds no details"};
}

}  // namespace doorbuster::alipay
