"""What Jina needs: documents, conversion, the gateway, and starting and stopping the parts."""
