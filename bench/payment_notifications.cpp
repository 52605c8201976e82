// Notifications of payments: true ones, signed beforehand, over HTTP to a running server, and what
// this machine allows. DATABASE is a file of SQLite or says how to reach a PostgreSQL database.
//
//   keys FOLDER                             makes keys; prints the settings of a server with them
//   prepare COUNT DATABASE                  migrates; COUNT pending payments of each provider
//   load FOLDER PORT PROVIDER FIRST COUNT CONNECTIONS
//                                           COUNT notifications, of payment FIRST and those after
//                                           it
//   verify FOLDER PROVIDER SECONDS          their cryptography alone, on all cores
//   rows PROVIDER FIRST COUNT BATCH DATABASE  their rows alone, BATCH to a commit, one thread
//
// Prints `name value` lines.
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "payment_setup.hpp"
#include "posts.hpp"
#include "raw_payments.hpp"
#include "raw_sqlite.hpp"

namespace {

using namespace doorbuster;
using bench::Parties;
using bench::Provider;
using bench::Trade;
using Words = std::vector<std::string>;

std::int64_t number(const std::string& word) { return std::atoll(word.c_str()); }

void print_settings(const Words& words) {
    for (const auto& [name, value] : Parties{words.at(1)}.settings()) {
        std::printf("%s %s\n", name.c_str(), value.c_str());
    }
}

void prepare(const Words& words) {
    const std::int64_t count = number(words.at(1));
    const auto database = setup::open(words.at(2), true);
    raw::migrate(*database);
    const SystemClock clock;
    for (const Provider provider : {Provider::wechat_pay, Provider::alipay}) {
        const std::int64_t first = provider == Provider::wechat_pay ? 1 : count + 1;
        setup::make_payments(*database, {provider, first, count, false, clock.now()});
    }
    const sql::Statement analyze{"bench.analyze", "ANALYZE", "ANALYZE"};
    database->write_blocking([&](sql::Transaction& tx) { tx.execute(analyze, {}); });
}

// Signed by as many threads as there are cores.
std::vector<std::string> notifications(
    const Parties& parties, Provider provider, std::int64_t first, std::int64_t count
) {
    std::vector<std::string> requests(static_cast<std::size_t>(count));
    const Time now = SystemClock{}.now();
    std::atomic<std::int64_t> next{0};
    const auto sign = [&] {
        for (std::int64_t i = next++; i < count; i = next++) {
            requests[static_cast<std::size_t>(i)] =
                parties.notification(provider, Trade{first + i}, now);
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
            threads.emplace_back(sign);
        }
    }
    return requests;
}

void load(const Words& words) {
    const Parties parties{words.at(1)};
    const auto port = static_cast<std::uint16_t>(number(words.at(2)));
    const Provider provider = bench::provider_named(words.at(3));
    const auto requests =
        notifications(parties, provider, number(words.at(4)), number(words.at(5)));
    bench::Posts posts{port, static_cast<std::size_t>(number(words.at(6)))};
    const bench::Posts::Sum sum = posts.send(requests);
    if (sum.answers.size() != 1 || !sum.answers.contains("200")) {
        throw std::runtime_error{"refused: " + sum.first_refusal};
    }
    const double took = std::chrono::duration<double>(sum.took).count();
    std::printf("per_second %.1f\n", static_cast<double>(requests.size()) / took);
    std::printf("p99_ms %.2f\n", static_cast<double>(sum.latencies.percentile(99).count()) / 1000);
    std::printf("generator_cores %.3f\n", sum.cpu_seconds / took);
}

// RSA and AES by OpenSSL's own interface, over what the product verifies and opens; decoding and
// parsing are left out.
class Cryptography {
public:
    explicit Cryptography(const std::string& pem) {
        BIO* const text = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
        key_ = PEM_read_bio_PUBKEY(text, nullptr, nullptr, nullptr);
        BIO_free(text);
    }
    ~Cryptography() {
        EVP_PKEY_free(key_);
        EVP_MD_CTX_free(digest_);
        EVP_CIPHER_CTX_free(cipher_);
    }
    Cryptography(const Cryptography&) = delete;
    Cryptography& operator=(const Cryptography&) = delete;

    bool verify(const bench::Signed& told) {
        const auto bytes = [](const std::string& text) {
            return reinterpret_cast<const unsigned char*>(text.data());
        };
        EVP_MD_CTX_reset(digest_);
        EVP_DigestVerifyInit(digest_, nullptr, EVP_sha256(), nullptr, key_);
        const int verdict = EVP_DigestVerify(
            digest_,
            bytes(told.signature),
            told.signature.size(),
            bytes(told.message),
            told.message.size()
        );
        return verdict == 1 && (told.sealed.empty() || open(told, bytes));
    }

private:
    bool open(const bench::Signed& told, auto bytes) {
        const std::string key{Parties::apiv3_key()};
        std::string sealed = told.sealed;
        const std::size_t size = sealed.size() - 16;
        int length = 0;
        EVP_DecryptInit_ex(cipher_, EVP_aes_256_gcm(), nullptr, bytes(key), bytes(told.nonce));
        EVP_CIPHER_CTX_ctrl(cipher_, EVP_CTRL_GCM_SET_TAG, 16, sealed.data() + size);
        const std::string data = "transaction";
        const int data_size = static_cast<int>(data.size());
        EVP_DecryptUpdate(cipher_, nullptr, &length, bytes(data), data_size);
        auto* const out = reinterpret_cast<unsigned char*>(sealed.data());
        EVP_DecryptUpdate(cipher_, out, &length, bytes(told.sealed), static_cast<int>(size));
        return EVP_DecryptFinal_ex(cipher_, out + length, &length) == 1;
    }

    EVP_PKEY* key_ = nullptr;
    EVP_MD_CTX* digest_ = EVP_MD_CTX_new();
    EVP_CIPHER_CTX* cipher_ = EVP_CIPHER_CTX_new();
};

void verify(const Words& words) {
    const Parties parties{words.at(1)};
    const Provider provider = bench::provider_named(words.at(2));
    const std::chrono::duration<double> length{std::atof(words.at(3).c_str())};
    std::vector<bench::Signed> told;
    for (std::int64_t i = 1; i <= 500; ++i) {
        told.push_back(parties.signed_part(provider, Trade{i}, SystemClock{}.now()));
    }
    const std::string pem = parties.public_pem(provider);
    std::atomic<std::uint64_t> verified{0};
    std::atomic<bool> wrong{false};
    const auto begin = std::chrono::steady_clock::now();
    const auto work = [&] {
        Cryptography cryptography{pem};
        while (std::chrono::steady_clock::now() - begin < length) {
            for (const bench::Signed& one : told) {
                if (!cryptography.verify(one)) wrong = true;
            }
            verified += told.size();
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
            threads.emplace_back(work);
        }
    }
    if (wrong) throw std::runtime_error{"a true notification does not verify"};
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("per_second %.1f\n", static_cast<double>(verified) / took.count());
}

void write_rows(const Words& words) {
    const bench::RawRows rows{
        bench::provider_named(words.at(1)),
        number(words.at(2)),
        number(words.at(3)),
        number(words.at(4))};
    std::printf("per_second %.1f\n", bench::write_raw(rows, words.at(5)));
}

int run(const Words& words) {
    const std::string what = words.empty() ? "" : words.front();
    if (what == "keys") return print_settings(words), 0;
    if (what == "prepare") return prepare(words), 0;
    if (what == "load") return load(words), 0;
    if (what == "verify") return verify(words), 0;
    if (what == "rows") return write_rows(words), 0;
    throw std::runtime_error{"keys, prepare, load, verify or rows"};
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(Words{argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "payment_notifications: %s\n", error.what());
        return 1;
    }
}
