#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "sandbox/common/certificate.hpp"
#include "sandbox/common/crypto.hpp"

namespace doorbuster::sandbox {

// A key and the certificate that it is for.
struct CertifiedKey {
    RsaKey key;
    Certificate certificate;
};

// What a provider signs with when merchants know it by its certificates: the newest signs, the
// older ones can still be had. Thread-safe.
class CertifiedKeys {
public:
    static constexpr std::size_t kMax = 16;
    using Maker = std::function<CertifiedKey(Time now, Random& random)>;

    // At least one, the oldest first.
    CertifiedKeys(Maker make, std::vector<CertifiedKey> keys)
        : make_{std::move(make)}, keys_{std::move(keys)} {}

    CertifiedKey current() const;
    std::vector<Certificate> alive(Time now) const;
    std::optional<Certificate> find(std::string_view alipay_sn) const;
    // Makes a new one, which signs from now on; the oldest goes when there are kMax.
    void rotate(Time now, Random& random);
    // Called with each new one, to keep it.
    std::function<void(const CertifiedKey&)> keep;

private:
    const Maker make_;
    mutable std::mutex mutex_;
    std::vector<CertifiedKey> keys_;  // in the order they were made
};

// The same keys in files of a folder, numbered from 1 in the order they were made:
// <name>_1.pem and <name>_1_key.pem. Throws as key_files.hpp says.
class CertifiedKeyFiles {
public:
    CertifiedKeyFiles(std::filesystem::path folder, std::string name)
        : folder_{std::move(folder)}, name_{std::move(name)} {}

    void add(const CertifiedKey& made) const;
    // The newest kMax, the oldest first.
    std::vector<CertifiedKey> load() const;
    void forget() const;

private:
    std::filesystem::path certificate_file(std::size_t number) const;
    std::filesystem::path key_file(std::size_t number) const;
    std::size_t count() const;

    std::filesystem::path folder_;
    std::string name_;
};

}  // namespace doorbuster::sandbox
