"""Whether this process is as it should be, and what changes around it: its loops, its clock, its files, who watches it.

pulse.py       which loops go on, and whether the clocks agree    pure but for the clocks it is given
overseer.py    looks each second, tells what it sees
supervisor.py  what systemd is told
files.py       when the files of the configuration change
"""

from aggregator.oversight.files import changes
from aggregator.oversight.overseer import Overseer
from aggregator.oversight.pulse import Pulse
from aggregator.oversight.supervisor import Supervisor

__all__ = ["Overseer", "Pulse", "Supervisor", "changes"]
