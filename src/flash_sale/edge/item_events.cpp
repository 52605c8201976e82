#include "flash_sale/edge/item_events.hpp"

#include <boost/json.hpp>
#include <unordered_set>

#include "flash_sale/model/errors.hpp"
#include "http/envelope.hpp"
#include "ports/log.hpp"

namespace doorbuster::flash_sale {

namespace json = boost::json;
using http::EventText;

namespace {

EventText shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

bool same_state(const PromoVo& one, const PromoVo& other) {
    return one.status == other.status && one.paused == other.paused &&
           one.sold_out == other.sold_out && one.item->window == other.item->window;
}

std::string state_json(const PromoVo& vo, Time now) {
    return json::serialize(json::object{
        {"status", to_string(vo.status)},
        {"paused", vo.paused},
        {"sold_out", vo.sold_out},
        {"server_time", to_rfc3339(now)},
        {"starts_at", to_rfc3339(vo.item->window.starts_at)},
        {"ends_at", to_rfc3339(vo.item->window.ends_at)}});
}

std::string stock_json(const PromoVo& vo) {
    return json::serialize(json::object{{"stock_band", to_string(vo.stock_band)}});
}

std::string offer_json(std::optional<Time> until) {
    json::object data{{"offered", until.has_value()}, {"offered_until", nullptr}};
    if (until) data["offered_until"] = to_rfc3339(*until);
    return json::serialize(data);
}

}  // namespace

// ---- one item ----------------------------------------------------------------------------------

// What the followers of one item are told, and who they are. Thread-safe.
class ItemEvents::Channel {
public:
    explicit Channel(PromoVo seen)
        : item_{seen.item->id},
          seen_{std::move(seen)},
          next_id_{static_cast<std::uint64_t>(to_milliseconds(seen_.server_time))} {}

    PromotionItemId item() const { return item_; }

    bool empty() const {
        const std::lock_guard lock{mutex_};
        return sources_.empty();
    }
    // Renders what differs, once, and rings everybody.
    void tell(const PromoVo& seen);

    // Offers must be looked up: the counters are not those of the last time, and who is signed in
    // follows.
    bool wants_offers(const StockView& view, std::chrono::steady_clock::time_point now);
    void tell_offers(const std::vector<Waitlist::Offer>& offers);
    // They could not be read.
    void ask_offers_again();

private:
    friend class Source;
    void enter(Source& source);
    void leave(Source& source);

    const PromotionItemId item_;
    mutable std::mutex mutex_;
    std::unordered_set<Source*> sources_;
    std::size_t users_ = 0;  // of the sources
    PromoVo seen_;
    std::uint64_t next_id_;
    std::uint64_t state_version_ = 0;  // counts the changes that were told
    EventText state_text_;
    std::uint64_t stock_version_ = 0;
    EventText stock_text_;
    std::unordered_map<UserId, Time> offers_;
    std::int64_t offers_version_ = 0;  // of the view they were read at
    std::optional<std::chrono::steady_clock::time_point> offers_at_;
};

// One client.
class ItemEvents::Source final : public http::EventSource {
public:
    Source(
        std::shared_ptr<Channel> channel,
        std::optional<UserId> user,
        Milliseconds retry,
        const PromoViews& views
    )
        : channel_{std::move(channel)}, user_{user}, retry_{retry}, views_{views} {
        channel_->enter(*this);
    }
    ~Source() override { channel_->leave(*this); }

    void open(std::shared_ptr<http::Bell> bell) override {
        const std::lock_guard lock{channel_->mutex_};
        bell_ = std::move(bell);
    }
    EventText next() override;

private:
    friend class Channel;
    EventText greeting();
    void ring() const {
        if (bell_) bell_->ring();
    }

    const std::shared_ptr<Channel> channel_;
    const std::optional<UserId> user_;
    const Milliseconds retry_;
    const PromoViews& views_;
    // Under the channel's mutex.
    std::shared_ptr<http::Bell> bell_;
    bool greeted_ = false;
    std::uint64_t state_told_ = 0;
    std::uint64_t stock_told_ = 0;
    std::optional<Time> offer_told_;
};

void ItemEvents::Channel::enter(Source& source) {
    const std::lock_guard lock{mutex_};
    sources_.insert(&source);
    if (source.user_) ++users_;
}

void ItemEvents::Channel::leave(Source& source) {
    const std::lock_guard lock{mutex_};
    sources_.erase(&source);
    if (source.user_ && --users_ == 0) {
        // Nobody keeps them up to date from now on.
        offers_.clear();
        offers_version_ = 0;
    }
}

void ItemEvents::Channel::tell(const PromoVo& seen) {
    const std::lock_guard lock{mutex_};
    const bool moved = !same_state(seen, seen_);
    const bool other_band = seen.stock_band != seen_.stock_band;
    if (!moved && !other_band) return;
    seen_ = seen;
    if (moved) {
        const std::string data = state_json(seen, seen.server_time);
        state_text_ = shared(http::event_text("state", ++next_id_, data));
        ++state_version_;
    }
    if (other_band) {
        stock_text_ = shared(http::event_text("stock", ++next_id_, stock_json(seen)));
        ++stock_version_;
    }
    for (const Source* source : sources_) source->ring();
}

bool ItemEvents::Channel::wants_offers(
    const StockView& view, std::chrono::steady_clock::time_point now
) {
    const std::lock_guard lock{mutex_};
    const bool may_differ =
        users_ > 0 && view.version != offers_version_ && (view.offered > 0 || !offers_.empty());
    const bool just_read = offers_at_ && now - *offers_at_ < kOffersEvery;
    if (!may_differ || just_read) return false;
    offers_version_ = view.version;
    offers_at_ = now;
    return true;
}

void ItemEvents::Channel::ask_offers_again() {
    const std::lock_guard lock{mutex_};
    offers_version_ = 0;
}

void ItemEvents::Channel::tell_offers(const std::vector<Waitlist::Offer>& offers) {
    const std::lock_guard lock{mutex_};
    offers_.clear();
    for (const auto& offer : offers) offers_.emplace(offer.user, offer.until);
    for (const Source* source : sources_) {
        if (!source->user_) continue;
        const auto mine = offers_.find(*source->user_);
        const std::optional<Time> until =
            mine == offers_.end() ? std::nullopt : std::optional{mine->second};
        if (until != source->offer_told_) source->ring();
    }
}

// As it is now, not as it was when it last changed: a client sets its countdown by it.
EventText ItemEvents::Source::greeting() {
    greeted_ = true;
    state_told_ = channel_->state_version_;
    stock_told_ = channel_->stock_version_;
    const std::uint64_t id = channel_->next_id_;
    const PromoVo& seen = channel_->seen_;
    std::string text = http::retry_text(retry_.count());
    text += http::event_text("state", id, state_json(seen, views_.of(seen.item).server_time));
    text += http::event_text("stock", id, stock_json(seen));
    return shared(std::move(text));
}

EventText ItemEvents::Source::next() {
    const std::lock_guard lock{channel_->mutex_};
    if (!greeted_) return greeting();
    if (state_told_ != channel_->state_version_) {
        state_told_ = channel_->state_version_;
        return channel_->state_text_;
    }
    if (stock_told_ != channel_->stock_version_) {
        stock_told_ = channel_->stock_version_;
        return channel_->stock_text_;
    }
    if (!user_) return nullptr;
    const auto mine = channel_->offers_.find(*user_);
    const auto until = mine == channel_->offers_.end() ? std::nullopt : std::optional{mine->second};
    if (until == offer_told_) return nullptr;
    offer_told_ = until;
    return shared(http::event_text("offer", ++channel_->next_id_, offer_json(until)));
}

// ---- all items ---------------------------------------------------------------------------------

ItemEvents::ItemEvents(Parts parts) : parts_{parts} {}
ItemEvents::~ItemEvents() = default;

std::shared_ptr<http::EventSource> ItemEvents::follow(
    const std::shared_ptr<const SaleItem>& item, std::optional<UserId> user
) {
    const std::lock_guard lock{mutex_};
    auto& channel = channels_[item->id];
    if (!channel) channel = std::make_shared<Channel>(parts_.views.of(item));
    const auto step = static_cast<std::int64_t>(++followers_ * 997);
    const Milliseconds retry = kRetry + Milliseconds{step % kRetrySpread};
    return std::make_shared<Source>(channel, user, retry, parts_.views);
}

// Forgets the items that nobody follows any more.
std::vector<std::shared_ptr<ItemEvents::Channel>> ItemEvents::followed() {
    const std::lock_guard lock{mutex_};
    std::erase_if(channels_, [](const auto& entry) { return entry.second->empty(); });
    std::vector<std::shared_ptr<Channel>> channels;
    channels.reserve(channels_.size());
    for (const auto& [id, channel] : channels_) channels.push_back(channel);
    return channels;
}

std::size_t ItemEvents::items() const {
    const std::lock_guard lock{mutex_};
    return channels_.size();
}

Task<bool> ItemEvents::look() {
    const auto channels = followed();
    for (const auto& channel : channels) {
        // What the board has forgotten was told to be over long ago.
        const auto item = parts_.board.find(channel->item());
        if (!item) continue;
        channel->tell(parts_.views.of(item));
        const auto view = parts_.gate.view(channel->item()).value_or(StockView{});
        if (!channel->wants_offers(view, parts_.clock.steady())) continue;
        co_await look_for_offers(channel);
    }
    co_return false;
}

Task<void> ItemEvents::look_for_offers(const std::shared_ptr<Channel>& channel) {
    const auto read = [this, item = channel->item()](sql::Reader& reader) {
        return parts_.waitlist.open_offers(reader, item);
    };
    try {
        const auto offers = co_await parts_.database.read(read);
        channel->tell_offers(offers);
    } catch (const std::exception& failure) {
        log::warn("flash_sale.offers_not_read", {{"reason", failure.what()}});
        channel->ask_offers_again();
    }
}

// ---- the route ---------------------------------------------------------------------------------

http::Routes item_events_routes(ItemEventsRoutesDeps& deps) {
    const auto follow = [&deps](http::Request& request) {
        const auto item = deps.board.find(request.path_id<PromotionItemId>("item"));
        // Nobody follows a rehearsal: how it stands is not for shoppers to know.
        if (!item || item->shadow) return http::failure(request, kItemNotFound);
        std::optional<UserId> user;
        if (request.principal) user = request.principal->user;
        http::Response response;
        response.stream = deps.events.follow(item, user);
        return response;
    };
    return {
        {http::Method::get,
         "/api/v1/flash-sales/{item}/events",
         http::Access::optional_user(),
         http::SyncHandler{follow}}};
}

}  // namespace doorbuster::flash_sale
