#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>

#include "adapters/alipay/bill_text.hpp"
#include "adapters/alipay/bill_url.hpp"
#include "adapters/alipay/provider.hpp"
#include "adapters/alipay/refusals.hpp"
#include "adapters/alipay/zip_file.hpp"
#include "ports/log.hpp"

namespace doorbuster::alipay {

namespace {

using Downloaded = BillProvider::Downloaded;

constexpr std::size_t kBillBytesMax = 256 * 1024 * 1024;
constexpr std::chrono::milliseconds kBillTimeout = std::chrono::minutes{5};
constexpr std::size_t kBufferBytes = 64 * 1024;

// Of a file, in hex; empty when it cannot be read. `is_zip` by its first bytes.
std::string sha256_of(const std::filesystem::path& file, bool& is_zip) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    const std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
    std::ifstream in{file, std::ios::binary};
    std::string buffer(kBufferBytes, '\0');
    if (!context || !in || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return {};
    is_zip = false;
    for (bool first = true; in; first = false) {
        in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        const auto got = static_cast<std::size_t>(in.gcount());
        if (first) is_zip = got > 2 && buffer.starts_with("PK");
        if (EVP_DigestUpdate(context.get(), buffer.data(), got) != 1) return {};
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1) return {};
    std::string hex;
    for (unsigned i = 0; i < length; ++i) hex += {kHex[digest[i] >> 4], kHex[digest[i] & 15]};
    return hex;
}

}  // namespace

Task<PaymentProvider::Outcome<Downloaded>> Alipay::download_bill(
    BillKind kind, std::chrono::year_month_day day, const std::filesystem::path& file
) {
    Call call{"alipay.data.dataservice.bill.downloadurl.query", bill_content(kind, day), ""};
    const Answer answer = co_await client_.call(std::move(call));
    const Result result = result_of(answer);
    const auto address = is_done(result) ? parse_bill_address(answer.node) : std::nullopt;
    if (!address) {
        PaymentProvider::Refused why = refusal_of(answer, result);
        why.final_answer = is_final_for_bill(result);
        co_return refused<Downloaded>(std::move(why));
    }
    if (address->empty) co_return accepted(Downloaded{true, {}});
    if (!is_allowed_bill_url(address->url, config_.gateway_url, config_.bill_hosts)) {
        log::error("alipay.bill_address_refused");
        co_return refused<Downloaded>({"BILL_ADDRESS", "leads to a host that is not allowed", false}
        );
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
    if (!failure.empty()) co_return refused<Downloaded>({"NO_BILL", std::move(failure), false});
    bool is_zip = false;
    Downloaded downloaded{false, sha256_of(file, is_zip)};
    if (downloaded.sha256.empty() || !is_zip) {
        co_return refused<Downloaded>({"NO_BILL", "what came is no zip file", false});
    }
    co_return accepted(std::move(downloaded));
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
