#include "http/route.hpp"

#include <iterator>

namespace doorbuster::http {

Routes joined(std::vector<Routes> tables) {
    Routes all;
    for (Routes& table : tables) {
        all.insert(
            all.end(), std::make_move_iterator(table.begin()), std::make_move_iterator(table.end())
        );
    }
    return all;
}

}  // namespace doorbuster::http
