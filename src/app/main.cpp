#include "app/cli.hpp"

int main(int argc, char** argv) { return doorbuster::app::run(argc, argv); }
