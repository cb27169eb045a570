"""Settings of the demo traffic."""

from pydantic import Field

from services.chassis.settings import KafkaSettings, RuntimeSettings


class DemoSettings(KafkaSettings, RuntimeSettings):
    """What the demo reads."""

    demo_account: str = Field(default="demo", description="Account the demo's events belong to.")
    demo_rate: float = Field(
        default=5.0, gt=0, le=2_000, description="Events a second, on average, of live demo traffic."
    )
    demo_weeks: int = Field(
        default=5,
        ge=0,
        le=100,
        description="Weeks of past conversations sent before the live traffic begins.",
    )
    demo_conversations: int = Field(
        default=700, ge=0, le=1_000_000, description="How many past conversations those weeks hold."
    )
    demo_customers: int = Field(default=260, ge=1, le=10_000, description="How many customers there are.")
    demo_seed: int = Field(default=2026, description="The same seed tells the same stories.")
