"""The fixtures give what they promise: fresh migrated databases and a broker that answers."""

import asyncpg
from kafka.admin import KafkaAdminClient


async def test_a_test_gets_a_migrated_database_of_its_own(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetchval("SELECT count(*) FROM ops.account") == 0
        await connection.execute("INSERT INTO ops.account (slug, name) VALUES ('acme', 'Acme')")
    finally:
        await connection.close()


async def test_the_next_test_does_not_see_what_the_last_one_wrote(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetchval("SELECT count(*) FROM ops.account") == 0
    finally:
        await connection.close()


async def test_services_connect_as_a_role_that_row_security_binds(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        bypasses = await connection.fetchval(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
    finally:
        await connection.close()
    assert bypasses is False


def test_the_broker_answers_with_itself(kafka_bootstrap: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    try:
        assert len(admin.describe_cluster()["brokers"]) == 1
    finally:
        admin.close()
