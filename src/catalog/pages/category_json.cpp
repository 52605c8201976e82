#include "catalog/pages/category_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace doorbuster::catalog {
namespace {

namespace json = boost::json;
using Node = CategoryTree::Node;

json::object admin_fields(const Category& category) {
    json::value parent = nullptr;
    if (category.parent) parent = category.parent->to_string();
    return {
        {"id", category.id.to_string()},
        {"parent_id", std::move(parent)},
        {"name", category.name},
        {"position", category.position},
        {"hidden", category.hidden}};
}

json::object public_fields(const Category& category) {
    return {{"id", category.id.to_string()}, {"name", category.name}};
}

// Nodes [from, end) are siblings, each followed by what is below it.
template <class Fields>
json::array list_json(
    const std::vector<Node>& nodes, std::size_t from, std::size_t end, bool all, Fields&& fields
) {
    json::array list;
    for (std::size_t at = from; at < end; at = nodes[at].end) {
        const Node& node = nodes[at];
        if (!all && !node.visible) continue;
        json::object entry = fields(node.category);
        entry["children"] = list_json(nodes, at + 1, node.end, all, fields);
        list.push_back(std::move(entry));
    }
    return list;
}

}  // namespace

json::value public_tree_json(const CategoryTree& tree) {
    const auto& nodes = tree.nodes();
    return json::object{{"list", list_json(nodes, 0, nodes.size(), false, public_fields)}};
}

json::value admin_tree_json(const CategoryTree& tree) {
    const auto& nodes = tree.nodes();
    return json::object{{"list", list_json(nodes, 0, nodes.size(), true, admin_fields)}};
}

json::value category_json(const Category& category) { return admin_fields(category); }

}  // namespace doorbuster::catalog
