"""Who you are: accounts in SQL, their emails, names and passwords. Knows neither sessions nor the web."""
