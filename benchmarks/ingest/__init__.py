"""What an event costs from Kafka to committed rows, beside what one would pick otherwise and beside two bounds."""
