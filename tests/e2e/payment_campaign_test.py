"""Everything at once: buyers and staff, every fault of the simulator, certificates that change, the shop and the
simulator killed with SIGKILL at random moments, clocks that jump. Then the faults end, everything comes to rest, and
Σ paid − Σ refunded by our books is the simulator's bill to the fen; every order is resolved, nothing that was
acknowledged is lost, the audit is clean, and so is each day's bill.

One seed per run here; `script/campaign` runs any number. What it is known to catch stands in README.md.
"""

import os
import unittest

import campaign

SEED = int(os.environ.get("DOORBUSTER_TEST_CAMPAIGN_SEED", "2"))
STORIES = int(os.environ.get("DOORBUSTER_TEST_CAMPAIGN_STORIES", "60"))


class Campaign(unittest.TestCase):
    engine = "sqlite"

    def test_ends_with_the_books_of_both_sides_equal(self):
        print(campaign.run_one(SEED, self.engine, STORIES))


class CampaignOnPostgres(Campaign):
    """The same with PostgreSQL as the database."""

    engine = "postgres"


if __name__ == "__main__":
    unittest.main()
