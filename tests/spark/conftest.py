import pytest
@pytest.fixture(scope="session")
def sail(): yield "sc://127.0.0.1:50591"
@pytest.fixture(scope="session")
def apache_spark(): yield "sc://127.0.0.1:50592"
