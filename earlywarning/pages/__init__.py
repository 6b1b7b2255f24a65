"""The pages a head of service reads: pictures, words and templates around what a trial found."""
