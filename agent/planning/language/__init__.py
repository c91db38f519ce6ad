"""What words come to by themselves: numbers, amounts, days, periods."""
