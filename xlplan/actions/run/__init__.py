"""What every action goes through: reading, writing the difference, telling."""
