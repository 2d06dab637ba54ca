"""An imitation of Yahoo's servers on loopback that the unmodified yfinance talks to.

It listens on a free port with TLS and answers for every host name; a CONNECT proxy on a second
port leads every connection to it. So a client only needs the proxy's address and the certificate:
its URLs, host names, cookie domains and TLS handshakes are the real ones, and nothing can reach
the internet. Its prices are generated; faults happen on request.
"""
