"""``python -m shipper.rules.targets``: makes every file anew that is made from the rules of a checkout."""

from pathlib import Path

from shipper.rules.loading import load_rules
from shipper.rules.targets.files import write

write(Path(__file__).parents[3], load_rules())
