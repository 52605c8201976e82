#include "pay_parties.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "adapters/alipay/form.hpp"
#include "adapters/pay_wire/base64.hpp"

namespace doorbuster::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMchid = "1900000001";
constexpr std::string_view kAppid = "wx8888888888888888";
constexpr std::string_view kSerial = "4A3F1C2B5D6E7F8091A2B3C4D5E6F708192A3B4C";
constexpr std::string_view kApiv3Key = "0123456789abcdefghijklmnopqrstuv";
constexpr std::string_view kKeyId = "PUB_KEY_ID_0000000000000024101100397200000006";
constexpr std::string_view kApp = "2021000000000001";
constexpr std::string_view kSeller = "2088101122136669";
constexpr std::string_view kSealedFor = "transaction";

// SplitMix64: numbers that look like chance, always the same.
std::uint64_t mixed(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

std::string token(std::uint64_t seed, std::size_t length, std::string_view alphabet) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) {
        text += alphabet[mixed(seed * 64 + i) % alphabet.size()];
    }
    return text;
}

constexpr std::string_view kLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kDigits = "0123456789";

sandbox::RsaKey key_in(const fs::path& folder, const std::string& name) {
    const fs::path file = folder / (name + ".pem");
    if (!fs::exists(file)) {
        const auto key = sandbox::RsaKey::generate();
        fs::create_directories(folder);
        std::ofstream{file} << key.private_pem();
        std::ofstream{folder / (name + "_public.pem")} << key.public_pem();
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    }
    std::ifstream in{file};
    const std::string pem{std::istreambuf_iterator<char>{in}, {}};
    auto key = sandbox::RsaKey::from_private_pem(pem);
    if (!key) throw std::runtime_error{file.string() + " is no key"};
    return *key;
}

std::string beijing(Time time, bool rfc3339) {
    std::string text = to_rfc3339(time + std::chrono::hours{8}).substr(0, 19);
    if (!rfc3339) text[10] = ' ';
    return rfc3339 ? text + "+08:00" : text;
}

std::string id_of(const Trade& trade) {
    const auto seed = static_cast<std::uint64_t>(trade.number) * 3 + 2;
    return token(seed, 32, kHex);
}

std::string transaction_json(const Trade& trade, Time now) {
    const std::string total = std::to_string(trade.amount.fen());
    return R"({"transaction_id":")" + trade.transaction + R"(","amount":{"payer_total":)" + total +
           R"(,"total":)" + total + R"(,"currency":"CNY","payer_currency":"CNY"},"mchid":")" +
           std::string{kMchid} + R"(","out_trade_no":")" + trade.out_trade_no + R"(","appid":")" +
           std::string{kAppid} +
           R"(","trade_state":"SUCCESS","trade_state_desc":"支付成功","trade_type":"NATIVE",)"
           R"("bank_type":"OTHERS","attach":"","success_time":")" +
           beijing(now, true) + R"(","payer":{"openid":")" + id_of(trade).substr(0, 28) + R"("}})";
}

std::string nonce_of(const Trade& trade) { return id_of(trade).substr(0, 12); }

std::string wechat_body(const Trade& trade, Time now) {
    const std::string nonce = nonce_of(trade);
    const std::string sealed =
        sandbox::seal(kApiv3Key, nonce, kSealedFor, transaction_json(trade, now));
    return R"({"id":"EV-)" + id_of(trade) + R"(","create_time":")" + beijing(now, true) +
           R"(","resource_type":"encrypt-resource","event_type":"TRANSACTION.SUCCESS",)"
           R"("summary":"支付成功","resource":{"original_type":"transaction",)"
           R"("algorithm":"AEAD_AES_256_GCM","ciphertext":")" +
           sealed + R"(","associated_data":")" + std::string{kSealedFor} + R"(","nonce":")" +
           nonce + R"("}})";
}

std::string message_of(std::string_view body, std::string_view nonce, Time now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return std::to_string(seconds) + '\n' + std::string{nonce} + '\n' + std::string{body} + '\n';
}

alipay::Params alipay_params(const Trade& trade, Time now) {
    const std::string time = beijing(now, false);
    const std::string total = trade.amount.to_yuan();
    return {
        {"notify_id", id_of(trade)},
        {"notify_type", "trade_status_sync"},
        {"notify_time", time},
        {"charset", "utf-8"},
        {"version", "1.0"},
        {"app_id", std::string{kApp}},
        {"auth_app_id", std::string{kApp}},
        {"seller_id", std::string{kSeller}},
        {"buyer_id", "2088102122524333"},
        {"trade_no", trade.transaction},
        {"out_trade_no", trade.out_trade_no},
        {"trade_status", "TRADE_SUCCESS"},
        {"total_amount", total},
        {"buyer_pay_amount", total},
        {"receipt_amount", total},
        {"invoice_amount", total},
        {"point_amount", "0.00"},
        {"fund_bill_list", R"([{"amount":")" + total + R"(","fundChannel":"ALIPAYACCOUNT"}])"},
        {"gmt_create", time},
        {"gmt_payment", time},
        {"subject", "手冲咖啡壶 Pour-over kettle"}};
}

std::string post_of(
    Provider provider, std::string_view type, std::string_view more, std::string_view body
) {
    std::string text = "POST /api/v1/payments/notifications/";
    text.append(name_of(provider)).append(" HTTP/1.1\r\nHost: x\r\nContent-Type: ").append(type);
    text.append("\r\n").append(more).append("Content-Length: ");
    return text.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

std::string bytes_of(std::string_view base64) { return pay_wire::from_base64(base64).value(); }

}  // namespace

Provider provider_named(std::string_view name) {
    if (name == "wechat_pay") return Provider::wechat_pay;
    if (name == "alipay") return Provider::alipay;
    throw std::runtime_error{"wechat_pay or alipay"};
}

std::string_view name_of(Provider provider) {
    return provider == Provider::wechat_pay ? "wechat_pay" : "alipay";
}

Trade::Trade(std::int64_t the_number)
    : number{the_number},
      out_trade_no{token(static_cast<std::uint64_t>(the_number) * 3, 28, kLetters)},
      transaction{
          "42000012" + std::to_string(10'000'000'000 + the_number) +
          token(static_cast<std::uint64_t>(the_number) * 3 + 1, 9, kDigits)},
      reference{std::to_string(200'000'000'000'000'000 + the_number * 997)},
      amount{Money::fen(1000 + the_number % 90'000)} {}

Parties::Parties(const fs::path& folder)
    : folder_{folder},
      merchant_{key_in(folder, "merchant")},
      wechat_{key_in(folder, "wechat")},
      app_{key_in(folder, "app")},
      alipay_{key_in(folder, "alipay")} {}

std::vector<std::pair<std::string, std::string>> Parties::settings() const {
    const auto file = [this](const char* name) { return (folder_ / name).string(); };
    return {
        {"wechat_pay.mode", "live"},
        {"wechat_pay.mchid", std::string{kMchid}},
        {"wechat_pay.appid", std::string{kAppid}},
        {"wechat_pay.serial_no", std::string{kSerial}},
        {"wechat_pay.private_key_file", file("merchant.pem")},
        {"wechat_pay.apiv3_key", std::string{kApiv3Key}},
        {"wechat_pay.public_key_id", std::string{kKeyId}},
        {"wechat_pay.public_key_file", file("wechat_public.pem")},
        {"wechat_pay.backup_url", ""},
        {"alipay.mode", "live"},
        {"alipay.app_id", std::string{kApp}},
        {"alipay.seller_id", std::string{kSeller}},
        {"alipay.private_key_file", file("app.pem")},
        {"alipay.public_key_file", file("alipay_public.pem")}};
}

wechat_pay::Config Parties::wechat_config() const {
    wechat_pay::Config config;
    config.mchid = kMchid;
    config.appid = kAppid;
    config.merchant_serial = kSerial;
    config.private_key_pem = Secret{merchant_.private_pem()};
    config.apiv3_key = Secret{std::string{kApiv3Key}};
    config.public_key_id = kKeyId;
    config.public_key_pem = wechat_.public_pem();
    config.notify_url = "https://shop.example/notify";
    return config;
}

alipay::Config Parties::alipay_config() const {
    alipay::Config config;
    config.app_id = kApp;
    config.seller_id = kSeller;
    config.private_key = Secret{app_.private_pem()};
    config.public_key = alipay_.public_pem();
    config.notify_url = "https://shop.example/notify";
    return config;
}

std::string Parties::merchant_of(Provider provider) {
    return std::string{provider == Provider::wechat_pay ? kMchid : kSeller};
}

std::string Parties::seller_of(Provider provider) {
    return std::string{provider == Provider::wechat_pay ? kAppid : kApp};
}

std::string Parties::proof(std::string_view body, std::string_view nonce, Time now) const {
    const std::string message = message_of(body, nonce, now);
    return "Wechatpay-Timestamp: " + message.substr(0, message.find('\n')) +
           "\r\nWechatpay-Nonce: " + std::string{nonce} +
           "\r\nWechatpay-Serial: " + std::string{kKeyId} +
           "\r\nWechatpay-Signature: " + wechat_.sign(message) +
           "\r\nWechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048\r\n";
}

std::string Parties::notification(Provider provider, const Trade& trade, Time now) const {
    if (provider == Provider::wechat_pay) {
        const std::string body = wechat_body(trade, now);
        return post_of(provider, "application/json", proof(body, id_of(trade), now), body);
    }
    alipay::Params params = alipay_params(trade, now);
    const std::string signature = alipay_.sign(alipay::joined(params));
    params["sign"] = signature;
    params["sign_type"] = "RSA2";
    return post_of(
        provider, "application/x-www-form-urlencoded; charset=utf-8", "", alipay::to_form(params)
    );
}

Signed Parties::signed_part(Provider provider, const Trade& trade, Time now) const {
    if (provider == Provider::alipay) {
        const std::string text = alipay::joined(alipay_params(trade, now));
        return {text, bytes_of(alipay_.sign(text)), "", ""};
    }
    const std::string message = message_of(wechat_body(trade, now), id_of(trade), now);
    const std::string sealed =
        sandbox::seal(kApiv3Key, nonce_of(trade), kSealedFor, transaction_json(trade, now));
    return {message, bytes_of(wechat_.sign(message)), nonce_of(trade), bytes_of(sealed)};
}

std::string Parties::public_pem(Provider provider) const {
    return (provider == Provider::wechat_pay ? wechat_ : alipay_).public_pem();
}

std::string_view Parties::apiv3_key() { return kApiv3Key; }

}  // namespace doorbuster::bench
