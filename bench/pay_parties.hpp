#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "adapters/alipay/config.hpp"
#include "adapters/wechat_pay/config.hpp"
#include "core/clock.hpp"
#include "core/money.hpp"
#include "sandbox/common/crypto.hpp"

// Both sides of a payment as the benchmarks need them: a merchant with keys of its own, and
// providers who sign what they say. Nothing here is measured.
namespace doorbuster::bench {

enum class Provider { wechat_pay, alipay };
// Throws std::runtime_error for another word.
Provider provider_named(std::string_view name);
std::string_view name_of(Provider provider);

// The payment of a number, the same in every program that is told the number.
struct Trade {
    explicit Trade(std::int64_t number);
    std::int64_t number;
    std::string out_trade_no;  // 28 letters and digits in no order, as the payment side makes them
    std::string transaction;
    std::string reference;  // an order number
    Money amount;
};

// What a provider's signature is over, taken apart: for whoever measures the cryptography alone.
struct Signed {
    std::string message;
    std::string signature;  // bytes
    std::string nonce;
    std::string sealed;  // bytes, the tag behind them; empty: nothing is encrypted
};

class Parties {
public:
    // With the keys in `folder`, which are made when there are none.
    explicit Parties(const std::filesystem::path& folder);

    // What a server needs to be this merchant, as its configuration names it.
    std::vector<std::pair<std::string, std::string>> settings() const;
    wechat_pay::Config wechat_config() const;
    alipay::Config alipay_config() const;
    static std::string merchant_of(Provider provider);
    static std::string seller_of(Provider provider);

    // A true notification of a payment, as the HTTP request that brings it.
    std::string notification(Provider provider, const Trade& trade, Time now) const;
    Signed signed_part(Provider provider, const Trade& trade, Time now) const;
    std::string public_pem(Provider provider) const;
    static std::string_view apiv3_key();

    // The head lines that prove a body, each ended: of notifications and of answers.
    std::string proof(std::string_view body, std::string_view nonce, Time now) const;

private:
    std::filesystem::path folder_;
    sandbox::RsaKey merchant_;
    sandbox::RsaKey wechat_;
    sandbox::RsaKey app_;
    sandbox::RsaKey alipay_;
};

}  // namespace doorbuster::bench
