#include "simulation/template.hpp"

#include "core/assert.hpp"
#include "runtime/migrator.hpp"
#include "simulation/sim_clock.hpp"
#include "simulation/sim_database.hpp"
#include "support/shop_data.hpp"

namespace doorbuster::simulation {
namespace {

Image make_image() {
    Disk disk;
    StraightDatabase database{disk};
    const SimClock clock;
    runtime::Migrator{
        database, clock, runtime::read_migrations(DOORBUSTER_SOURCE_DIR "/migrations")}
        .migrate();
    test::ShopData shop{database};
    for (std::int64_t i = 1; i <= kUsers; ++i) {
        // Such a name may buy in a rehearsal too.
        const UserId user = shop.add_user("~user" + std::to_string(i));
        const AddressId address = shop.add_address(user);
        DOORBUSTER_ASSERT(user.value() == i && address.value() == i);
    }
    for (std::int64_t i = 1; i <= kSkus; ++i) {
        const SkuId sku = shop.add_stocked_sku(Money::fen(2500), kUnitsOfEachSku);
        DOORBUSTER_ASSERT(sku.value() == i);
    }
    return disk.image();
}

}  // namespace

const Image& shop_image() {
    static const Image image = make_image();
    return image;
}

}  // namespace doorbuster::simulation
