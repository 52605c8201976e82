#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace doorbuster::rehearsal {

using Instant = std::chrono::steady_clock::time_point;

// How many of a hundred buyers do what, once they have an order; the rest lets it expire.
struct Shares {
    double pay = 70;
    double cancel = 10;
    double ask_again = 10;  // also sends the same order once more, with the same key
    double walk_off = 2;    // takes a token and never orders
    double hope = 20;       // of those who find it sold out: comes back while it lasts
    double bots = 5;        // so many more requests than buyers' arrivals, all garbage
};

// What a rehearsal does. Same plan and seed, same arrivals and roles.
struct Plan {
    std::int64_t buyers = 1'000;
    std::int64_t stock = 100;
    double rate = 500;                 // arrivals a second, of all buyers
    std::chrono::seconds duration{0};  // of the arrivals; zero: until every buyer has come
    int connections = 256;
    int threads = 1;
    std::uint64_t seed = 1;
    Shares shares;
    bool payments = true;       // there is a simulator to pay with
    bool tokens_first = false;  // all tokens are taken beforehand; only the orders are the load
    // How long buyers go on after the last arrival: for payments, cancellations, second tries.
    std::chrono::seconds settle{5};
    std::chrono::seconds answer_max{10};  // then a request counts as unanswered
};

// Where the sale is.
struct Target {
    std::uint16_t port = 0;
    std::string item;
};

// A signed-in buyer.
struct Buyer {
    std::string session;
    std::string address;
};

// The moments at which buyers come: a Poisson process, fixed beforehand by the seed, so that a slow
// server cannot slow them down.
class Arrivals {
public:
    Arrivals(double per_second, std::uint64_t seed);
    // Since the beginning; rises with every call.
    std::chrono::nanoseconds next();

private:
    std::mt19937_64 random_;
    std::exponential_distribution<double> gap_;
    double seconds_ = 0;
};

enum class Role { payer, canceller, idler, walker };

// What a buyer is like, by seed and number alone.
struct Nature {
    Role role = Role::payer;
    bool asks_again = false;
    bool hopes = false;
};
Nature nature_of(const Plan& plan, std::uint64_t buyer);

}  // namespace doorbuster::rehearsal
