#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "http/route.hpp"

namespace doorbuster::http {

// Finds out who sends a request. `accounts` implements it; the router asks it for routes whose
// access looks at sessions.
class Authenticator {
public:
    virtual ~Authenticator() = default;
    // Nobody (no credentials): an empty optional. Wrong or expired credentials, or a cookie session
    // without its CSRF token on an unsafe method (`check_csrf`): an error.
    virtual Task<Result<std::optional<Principal>>> authenticate(
        const Request& request, bool check_csrf
    ) = 0;
};

// Finds out which other system sends a request, for routes of access `app`. `pay_api` implements
// it.
class AppAuthenticator {
public:
    virtual ~AppAuthenticator() = default;
    // Errors: kUnauthenticated without a key, and what the implementation says of a wrong one.
    virtual Task<Result<AppPrincipal>> authenticate_app(const Request& request) = 0;
};

// The table of routes. Built once at start-up, then only read, by all threads.
class Router {
public:
    explicit Router(Authenticator& authenticator);
    ~Router();

    // Who knows app keys; before the first request. Without it nobody has a valid one.
    void set_apps(AppAuthenticator& apps) { apps_ = &apps; }

    // A pattern twice, or two patterns that one path could match equally well, is a bug: it aborts.
    void add(Routes routes);
    const std::vector<Route>& routes() const;

    struct Match {
        const Route* route = nullptr;  // none: not_found or method_not_allowed
        std::string allow;             // the methods that the path knows, when the method is wrong
    };
    // Finds the route and fills the path parameters. HEAD falls back to GET.
    Match match(Request& request) const;

    // The answer, when neither a session nor a wait is needed for it: refusals, `early` answers,
    // and handlers that do not wait on routes for anyone. Costs no coroutine frame. Nothing:
    // `dispatch` must be asked.
    std::optional<Response> answer_at_once(Request& request, const Match& match) const;

    // Authenticates, authorises, runs the handler, and turns refusals and exceptions into answers.
    // This is the boundary where an exception of a request ends: 503 for sql::Unavailable and
    // sql::CommitUnknown, 500 with a logged reason for anything else.
    Task<Response> dispatch(Request& request) const;
    // The same for a request that is matched and that `answer_at_once` had no answer for.
    Task<Response> dispatch(Request& request, const Match& match) const;

private:
    struct Tree;
    std::optional<Response> refuse_early(const Request& request, const Match& match) const;
    Task<Result<void>> admit(Request& request, const Route& route) const;
    Task<Result<void>> admit_app(Request& request) const;
    Task<Response> run(Request& request, const Route& route) const;

    Authenticator& authenticator_;
    AppAuthenticator* apps_ = nullptr;
    std::unique_ptr<Tree> tree_;
};

}  // namespace doorbuster::http
