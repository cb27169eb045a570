"""Where records come from: Kafka by Faust (default) or by aiokafka alone, or memory for tests, behind one protocol."""
